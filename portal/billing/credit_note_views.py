"""A credit note: summary, print page, PDF. Who may see them is as of invoices."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from portal.billing import credit_papers, documents
from portal.billing.models import CreditNote
from portal.core.dates import short_date
from portal.core.downloads import download
from portal.people.access import PersonRequest, person_required


def _own(request: PersonRequest, number: str) -> CreditNote:
    rows = CreditNote.objects.for_person(request.person).with_left()
    note: CreditNote = get_object_or_404(rows.select_related("invoice"), number=number)
    return note


def _shown(note: CreditNote) -> dict[str, Any]:
    return {
        "note": note,
        "lines": list(note.lines.all()),
        "left": note.left,
        "tabs": [
            {"text": "Summary", "url": reverse("billing:credit_note", args=[note.number])},
            {"text": "Print", "url": reverse("billing:credit_note_print", args=[note.number])},
        ],
        "help_reference": f"Credit note {note.number}",
    }


@require_safe
@person_required
def credit_note(request: PersonRequest, number: str) -> HttpResponse:
    return render(request, "billing/credit_note.html", _shown(_own(request, number)))


@require_safe
@person_required
def print_page(request: PersonRequest, number: str) -> HttpResponse:
    shown = _shown(_own(request, number))
    note: CreditNote = shown["note"]
    facts = [
        ("Credit note number", note.number),
        ("Date", short_date(note.issued_on)),
        ("Of invoice", f"{note.invoice.number} of {short_date(note.invoice.issued_on)}"),
        ("Our VAT number", note.supplier["vat_number"]),
    ]
    shown["facts"] = [(key, value) for key, value in facts if value]
    shown["legal"] = documents.legal_line(note)
    shown["website"] = documents.host_of(note.supplier["website"])
    return render(request, "billing/credit_note_print.html", shown)


@require_safe
@person_required
def pdf(request: PersonRequest, number: str) -> HttpResponse:
    note = _own(request, number)
    content = credit_papers.pdf(note)
    return download(content, name=credit_papers.filename(note), content_type=documents.PDF)
