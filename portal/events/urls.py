from django.urls import path

from portal.events.views import basket, catalogue, checkout, orders, registering

app_name = "events"

urlpatterns = [
    path("training-and-events/", catalogue.event_list, name="list"),
    path("training-and-events/<slug:code>/", catalogue.event_page, name="event"),
    path("training-and-events/<slug:code>/registration/", registering.register, name="register"),
    path("basket/", basket.basket, name="basket"),
    path("basket/<int:pk>/removal/", basket.hold_removal, name="hold_removal"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("orders/<str:number>/", orders.order, name="order"),
    path("orders/<str:number>/confirmation/", orders.confirmation, name="confirmation"),
    path("registrations/<int:pk>/event.ics", orders.calendar, name="calendar"),
]
