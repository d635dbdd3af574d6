"""Static files as they are served for real: hashed, compressed, and one stylesheet.

How they are collected under a running web is in collecting.py.

In the source, `css/app.css` states the order of the layers and imports one file per component:

    @layer reset, tokens, …;
    @import "components/badge.css" layer(components);

Served like that, a browser would ask for each file in turn. So `collectstatic` joins them: each
import becomes `@layer components { … }` with the imported rules in it, its relative `url()`s
rewritten for the place of `css/app.css`. Without `collectstatic` (DEBUG) the imports just work.
"""

import posixpath
import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import InMemoryStorage
from django.http import HttpRequest, HttpResponse  # noqa: TID251 - a file, no act
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

JOINED = "css/app.css"

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_IMPORT = re.compile(r"""@import\s+["'](?P<path>[^"']+)["']\s+layer\((?P<layer>[\w-]+)\)\s*;""")
_URL = re.compile(r"""url\(\s*(?P<quote>["']?)(?P<path>[^"')]+)(?P=quote)\s*\)""")
_ELSEWHERE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|/|#)", re.IGNORECASE)


def join(name: str, read: Callable[[str], str]) -> str:
    """The stylesheet `name` with its layered imports in it; `read` gives a file by its name.

    Raises ValueError for an `@import` that names no layer, and for one inside an imported file.
    """
    folder = posixpath.dirname(name)

    def inline(match: re.Match[str]) -> str:
        path = match["path"]
        rules = _COMMENT.sub("", read(posixpath.normpath(posixpath.join(folder, path))))
        if "@import" in rules:
            raise ValueError(f"{path} imports another file: only {name} may.")
        rules = _URL.sub(lambda found: _moved(found, posixpath.dirname(path)), rules)
        return f"@layer {match['layer']} {{\n{rules.strip()}\n}}"

    joined = _IMPORT.sub(inline, _COMMENT.sub("", read(name)))
    if "@import" in joined:
        raise ValueError(f'Every @import in {name} must be written @import "…" layer(…);')
    return joined.strip() + "\n"


def _moved(match: re.Match[str], folder: str) -> str:
    path = match["path"]
    if _ELSEWHERE.match(path):
        return match[0]
    return f'url("{posixpath.normpath(posixpath.join(folder, path))}")'


class JoinedManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """WhiteNoise's storage, with `css/app.css` joined before it is hashed and compressed."""

    def post_process(
        self, paths: dict[str, tuple[Any, str]], *args: Any, **kwargs: Any
    ) -> Iterator[Any]:
        """Give the joined stylesheet instead of the collected one."""
        if JOINED in paths and not kwargs.get("dry_run"):

            def read(name: str) -> str:
                storage, path = paths[name]
                with storage.open(path) as file:
                    text: str = file.read().decode()
                return text

            joined = InMemoryStorage()
            joined.save(JOINED, File(BytesIO(join(JOINED, read).encode())))
            paths = {**paths, JOINED: (joined, JOINED)}
        yield from super().post_process(paths, *args, **kwargs)


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise, whose list of files is made at the start, while `portal setup` changes them.

    A file that has come since is found: a page of a newer web process names it. One that has gone
    is the page of an unknown address.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if not self.autorefresh and path.startswith(self.static_prefix) and path not in self.files:
            self._look_for(path)
        try:
            response: HttpResponse = super().__call__(request)
        except FileNotFoundError:
            self.files.pop(path, None)
            response = self.get_response(request)
        return response

    def _look_for(self, path: str) -> None:
        root = Path(self.static_root)
        try:
            place = (root / path.removeprefix(self.static_prefix)).resolve()
            is_ours = place.is_relative_to(root) and place.is_file()
        except (OSError, ValueError):  # a name that no file can have
            return
        if is_ours:
            self.add_file_to_dictionary(path, str(place))
