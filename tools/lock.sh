#!/bin/sh
# Lock versions with their hashes, for every system and Python 3.11 or later. The files name no
# host: where packages come from is a matter of the machine.
set -eu
cd "$(dirname "$0")/../requirements"
PATH="../.uv/bin:$PATH"
for name in uv run dev; do
    uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
        --output-file "$name.txt" "$@" "$name.in"
done
