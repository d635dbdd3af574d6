"""An invoice: summary, print page, PDF, purchase order number. Only its payer sees it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from portal.billing import documents
from portal.billing.models import Invoice
from portal.people.access import PersonRequest, person_required


@person_required
def invoice(request: PersonRequest, number: str) -> HttpResponse:
    found = get_object_or_404(
        Invoice.objects.for_person(request.person).with_balance(), number=number
    )
    return render(request, "billing/invoice.html", {"invoice": found})


@person_required
def print_page(request: PersonRequest, number: str) -> HttpResponse:
    found = get_object_or_404(
        Invoice.objects.for_person(request.person).with_balance(), number=number
    )
    return render(request, "billing/print.html", {"invoice": found})


@person_required
def pdf(request: PersonRequest, number: str) -> HttpResponse:
    found = get_object_or_404(
        Invoice.objects.for_person(request.person).with_balance(), number=number
    )
    return HttpResponse(documents.pdf(found), content_type="application/pdf")


@person_required
def purchase_order(request: PersonRequest, number: str) -> HttpResponse:
    found = get_object_or_404(
        Invoice.objects.for_person(request.person).with_balance(), number=number
    )
    return render(request, "billing/purchase_order.html", {"invoice": found})
