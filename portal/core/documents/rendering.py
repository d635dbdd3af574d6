"""Setting documents with typst: a template of ours, its data, and the time it bears.

The same data and time give the same bytes. Compilers are kept, one per thread.
"""

from __future__ import annotations

import json
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from portal.core.models import Document

HERE = Path(__file__).resolve().parent
TEMPLATES = Path(settings.BASE_DIR) / "portal" / "templates"
STANDARDS = ["a-3a", "ua-1"]
_kept = threading.local()


def render_pdf(template: str, data: dict[str, Any], *, stamped_at: datetime) -> bytes:
    """A tagged PDF/A-3a and PDF/UA-1. `template` is such as "billing/invoice.typ"."""
    compiler = _compiler(template)
    pdf: bytes = compiler.compile(
        format="pdf",
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=STANDARDS,
        timestamp=int(stamped_at.timestamp()),
    )
    return pdf


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
