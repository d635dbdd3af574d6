"""Setting documents with typst: a template of ours, its data, and the time it bears.

The same data and time give the same bytes. Compilers are kept, one per thread.

PDF/UA wants every character to be readable. One that none of the fonts has (the faces cover
Latin, Greek, Cyrillic and Hebrew) is shown as a question mark: a document that is a little off
is better than none.
"""

from __future__ import annotations

import json
import re
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from portal.core.models import Document

HERE = Path(__file__).resolve().parent
TEMPLATES = Path(settings.BASE_DIR) / "portal" / "templates"
STANDARDS = ["a-3a", "ua-1"]
_COMMON = (
    r"\n\x20-\x7e\xa0-\u024f\u1e00-\u1eff"  # Latin
    r"\u0370-\u052f\u0590-\u05ff"  # Greek, Cyrillic, Hebrew
    r"\u2010-\u205e\u20a0-\u20bf\u2116\u2122"  # punctuation, currencies, №, ™
)
_UNCOMMON = re.compile(f"[^{_COMMON}]")
_BEYOND_ASCII = re.compile(r"[^\n\x20-\x7e£]")
_kept = threading.local()


def render_pdf(template: str, data: dict[str, Any], *, stamped_at: datetime) -> bytes:
    """A tagged PDF/A-3a and PDF/UA-1. `template` is such as "billing/invoice.typ"."""
    from typst import TypstError

    try:
        return _compile(template, data, stamped_at)
    except TypstError as error:
        if "could not be displayed" not in str(error):
            raise
    try:
        return _compile(template, _without(_UNCOMMON, data), stamped_at)
    except TypstError:
        return _compile(template, _without(_BEYOND_ASCII, data), stamped_at)


def _compile(template: str, data: dict[str, Any], stamped_at: datetime) -> bytes:
    pdf: bytes = _compiler(template).compile(
        format="pdf",
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=STANDARDS,
        timestamp=int(stamped_at.timestamp()),
    )
    return pdf


def _without(characters: re.Pattern[str], data: Any) -> Any:
    """The same data with a question mark for each of these characters."""
    if isinstance(data, str):
        return characters.sub("?", data)
    if isinstance(data, dict):
        return {key: _without(characters, value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_without(characters, value) for value in data]
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
