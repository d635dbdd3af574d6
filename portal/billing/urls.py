from django.urls import path, register_converter

from portal.billing import views

app_name = "billing"


class InvoiceNumber:
    """A series' prefix and digits (billing/models/settings.py): nothing else asks the database."""

    regex = r"[A-Z]{0,6}-?[0-9]{1,20}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(InvoiceNumber, "invoice")

urlpatterns = [
    path("invoices/<invoice:number>/", views.invoice, name="invoice"),
    path("invoices/<invoice:number>/print/", views.print_page, name="print"),
    path("invoices/<invoice:number>/pdf/", views.pdf, name="pdf"),
    path("credit-notes/<invoice:number>/", views.credit_note, name="credit_note"),
    path(
        "credit-notes/<invoice:number>/print/",
        views.credit_note_print,
        name="credit_note_print",
    ),
    path("credit-notes/<invoice:number>/pdf/", views.credit_note_pdf, name="credit_note_pdf"),
    path("invoices/<invoice:number>/purchase-order/", views.purchase_order, name="purchase_order"),
]
