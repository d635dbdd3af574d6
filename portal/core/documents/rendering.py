"""Setting documents with typst: a template of ours, its data, and its time.

The same data and time give the same bytes. Compilers are kept, one per thread.

PDF/UA wants every character to be readable. One that none of the fonts has (the faces cover
Latin, Greek, Cyrillic and Hebrew) is shown as a question mark, and only that one: a document that
is a little off is better than none. Which they are the compiler says, one at a time; they are kept,
so that the next document is set at once. `unshown` tells the office before a document is issued.
"""

from __future__ import annotations

import json
import re
import threading
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings

from portal.core.models import Document

HERE = Path(__file__).resolve().parent
TEMPLATES = Path(settings.BASE_DIR) / "portal" / "templates"
STANDARDS = ["a-3a", "ua-1"]
MOST = 60  # kinds of letters to replace in one document; with more of them all beyond ASCII go
_MISSING = re.compile(r'the text `"(.+?)"` could not be displayed', re.DOTALL)
_ESCAPED = re.compile(r"\\u\{([0-9a-f]{1,6})\}")
_BEYOND_ASCII = re.compile(r"[^\n\x20-\x7e£]")
_ALONE = "totals alone"
PROBED_AT = datetime(2000, 1, 1, tzinfo=UTC)
_missing: set[str] = set()  # what no font has, as the compiler has said so far
_kept = threading.local()


def render_pdf(template: str, data: dict[str, Any], *, stamped_at: datetime) -> bytes:
    """A tagged PDF/A-3a and PDF/UA-1. `template` is such as "billing/invoice.typ"."""
    from typst import TypstError

    composed = _each(partial(unicodedata.normalize, "NFC"), data)
    for _ in range(MOST):
        try:
            return _set(template, _each(shown, composed), stamped_at)
        except TypstError as error:
            named = _MISSING.search(str(error))
            if named is None:
                raise
            _missing.add(_ESCAPED.sub(lambda code: chr(int(code[1], 16)), named[1]))
    plain = _each(lambda text: _BEYOND_ASCII.sub("?", text), composed)
    return _set(template, plain, stamped_at)


def shown(text: str) -> str:
    """The text as documents show it: a question mark for each letter that they are known not to
    have."""
    for letter in tuple(_missing):
        if letter in text:
            text = text.replace(letter, "?")
    return text


def unshown(text: str) -> str:
    """The letters of a text that no document can show, each once: to warn before one is issued."""
    letters = dict.fromkeys(unicodedata.normalize("NFC", text))
    letters = dict.fromkeys(one for one in letters if not one.isspace() and not one.isascii())
    if letters:
        probe = {"letters": list(letters)}
        render_pdf("probe.typ", probe, stamped_at=PROBED_AT)
    return "".join(one for one in letters if one in _missing)


def _set(template: str, data: dict[str, Any], stamped_at: datetime) -> bytes:
    """Set it; again, with the last line beside the totals, where these would be alone."""
    from typst import TypstError

    try:
        return _compile(template, data, stamped_at)
    except TypstError as error:
        if _ALONE not in str(error):
            raise
    return _compile(template, {**data, "together": True}, stamped_at)


def _compile(template: str, data: dict[str, Any], stamped_at: datetime) -> bytes:
    pdf: bytes = _compiler(template).compile(
        format="pdf",
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=STANDARDS,
        timestamp=int(stamped_at.timestamp()),
    )
    return pdf


def _each(change: Callable[[str], str], data: Any) -> Any:
    """The same data with each of its texts changed."""
    if isinstance(data, str):
        return change(data)
    if isinstance(data, dict):
        return {key: _each(change, value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_each(change, value) for value in data]
    return data


def content_of(document: Document) -> bytes:
    """The bytes of a document as sent: set at the first call, kept from then on."""
    if document.content is None:
        document.content = render_pdf(
            document.template, document.data, stamped_at=document.stamped_at
        )
        document.save(update_fields=["content"])
    return bytes(document.content)


def _compiler(template: str) -> Any:
    compilers: dict[str, Any] = _kept.__dict__.setdefault("compilers", {})
    if template not in compilers:
        import typst

        compilers[template] = typst.Compiler(
            str(TEMPLATES / template),
            root=str(TEMPLATES),
            font_paths=[str(HERE / "fonts")],
            ignore_system_fonts=True,
        )
    return compilers[template]
