"""How much a request may bring, checked before any work is done for it.

The longest that people send by our pages is the office's form of an event or of the terms, some
tens of kilobytes. What is far beyond is refused with a plain sentence before a session, a
password's hash or the database is asked. Django's own bounds and the server's are the same numbers
(portal/settings.py, core/machine/serving.py). How long a field may be, its form says (core/forms/).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
LONGEST_ADDRESS = 8_000  # bytes, path and query
MOST_PARAMETERS = 200  # in the query
LONGEST_HEADER = 8_000  # bytes
MOST_HEADERS = 32_000  # bytes, all of them
MOST_BODY = 1_000_000  # bytes
MOST_FIELDS = 1_000
LONGEST_NAME = 200  # characters, of a field
LONGEST_FIELD = 100_000  # characters
MOST_FILES = 0  # no page takes one


class Refusal(NamedTuple):
    """The status and the sentence."""

    status: int
    sentence: str


def refusal_of_request(environ: Mapping[str, Any]) -> Refusal | None:
    """What is too much in a request (PEP 3333) before its body is read, None where nothing is."""
    if environ.get("REQUEST_METHOD", "GET") not in METHODS:
        return Refusal(405, "Only GET and POST work here.")
    query = environ.get("QUERY_STRING") or ""
    if len(query) + len(environ.get("PATH_INFO") or "") > LONGEST_ADDRESS:
        return Refusal(414, "This address is too long. Use a link in the portal to open the page.")
    if query.count("&") >= MOST_PARAMETERS:
        return Refusal(400, "This address asks for too much at once.")
    together = 0
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            together += len(value)
            if len(value) > LONGEST_HEADER or together > MOST_HEADERS:
                return Refusal(
                    431,
                    (
                        "Your browser sent too much. Delete the cookies it keeps for this site, "
                        "then try again."
                    ),
                )
    return _refusal_of_length(environ)


def _refusal_of_length(environ: Mapping[str, Any]) -> Refusal | None:
    """A body says first how long it is: one that comes in a stream could be without end."""
    if "HTTP_TRANSFER_ENCODING" in environ:
        return Refusal(411, "This needs a Content-Length. Add it and send this again.")
    length = str(environ.get("CONTENT_LENGTH") or "0")
    if not (length.isascii() and length.isdecimal()):
        return Refusal(400, "The Content-Length is not a number. Correct it and send this again.")
    if len(length) > 18 or int(length) > MOST_BODY:
        return Refusal(413, "This is more than the portal accepts. Shorten it and send it again.")
    return None


def refusal_of_fields(fields: Iterable[tuple[str, list[Any]]]) -> Refusal | None:
    """What is too much in a form, None where nothing is."""
    for name, values in fields:
        if len(name) > LONGEST_NAME or any(len(value) > LONGEST_FIELD for value in values):
            return Refusal(413, "A field of this form is too long. Shorten it and send it again.")
    return None
