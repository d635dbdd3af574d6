#!/bin/sh
# Make the environment in .venv, or bring it up to date: `tools/environment.sh run` or `… dev`.
#
# Needs Python 3.11 or later and nothing else: uv is used where it is there, else put into .uv.
# Done again only when what is locked has changed. One that has the tools for developing keeps
# them when only `run` is asked for.
set -eu
cd "$(dirname "$0")/.."
kind=$1
stamp=.venv/installed
locked=$(cat requirements/*.txt pyproject.toml | cksum)

has=$(cat "$stamp" 2>/dev/null || true)
case "$has" in
    "dev $locked") exit 0 ;;
    "run $locked") if [ "$kind" = run ]; then exit 0; fi ;;
    dev*) kind=dev ;;
esac

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11 python3.14 python3; do
        if command -v "$candidate" >/dev/null 2>&1 && is_new_enough "$candidate"; then
            echo "$candidate"
            return 0
        fi
    done
    found=$(python3 --version 2>/dev/null || echo "No Python")
    echo "Portal needs Python 3.11 or later; found here: $found." >&2
    echo "Install one, or name it: make run PYTHON=/path/to/python3.12" >&2
    return 1
}

python=$(find_python)

if command -v uv >/dev/null 2>&1; then
    uv=uv
else
    uv=.uv/bin/uv
    if [ ! -x "$uv" ]; then
        echo "Getting uv …"
        rm -rf .uv
        if ! "$python" -m venv .uv >.uv.log 2>&1; then
            cat .uv.log >&2
            rm -rf .uv .uv.log
            echo "Python could not make a virtual environment. On Debian and Ubuntu: apt install python3-venv" >&2
            exit 1
        fi
        rm -f .uv.log
        .uv/bin/python -m pip install -qq --require-hashes -r requirements/uv.txt
    fi
fi

echo "Installing what the portal needs (requirements/$kind.txt) …"
if ! { [ -x .venv/bin/python ] && is_new_enough .venv/bin/python; }; then
    rm -rf .venv
    "$uv" venv --quiet --python "$python" .venv
fi
rm -f "$stamp"
# Compiled once, here: where Python may not write beside the code, each start would do it again.
"$uv" pip sync --quiet --require-hashes --compile-bytecode --python .venv/bin/python \
    "requirements/$kind.txt"
# Its build needs uv_build, which is locked with the rest, so nothing is fetched here.
"$uv" pip install --quiet --python .venv/bin/python --no-build-isolation --no-deps --editable .
.venv/bin/python -m compileall -q portal
echo "$kind $locked" >"$stamp"
