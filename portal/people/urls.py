from django.urls import path

from portal.people import views

app_name = "people"

urlpatterns = [
    path("account/address/", views.address, name="address"),
    path("account/purchase-order/", views.purchase_order, name="purchase_order"),
    path("invitation/sent/", views.invitation_sent, name="invitation_sent"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("invitation/<str:token>/renewal/", views.new_invitation, name="new_invitation"),
]
