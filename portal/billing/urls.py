from django.urls import path

from portal.billing import views

app_name = "billing"

urlpatterns = [
    path("invoices/<str:number>/", views.invoice, name="invoice"),
    path("invoices/<str:number>/print/", views.print_page, name="print"),
    path("invoices/<str:number>/pdf/", views.pdf, name="pdf"),
    path("invoices/<str:number>/purchase-order/", views.purchase_order, name="purchase_order"),
]
