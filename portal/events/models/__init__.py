"""Events and the ways to register for them; baskets, orders and registrations."""

from portal.events.models.notices import ChangeNotice
from portal.events.models.orders import (
    Basket,
    BasketQuerySet,
    Hold,
    HoldQuerySet,
    Order,
    OrderQuerySet,
    Registration,
    RegistrationQuerySet,
    Responses,
)
from portal.events.models.programme import (
    Event,
    EventQuerySet,
    Pool,
    RegistrationOption,
    RegistrationOptionQuerySet,
)
from portal.events.models.sessions import Session
from portal.events.models.settings import (
    Audience,
    BookingRules,
    EventTax,
    Kind,
)

__all__ = [
    "Audience",
    "Basket",
    "BasketQuerySet",
    "BookingRules",
    "ChangeNotice",
    "Event",
    "EventQuerySet",
    "EventTax",
    "Hold",
    "HoldQuerySet",
    "Kind",
    "Order",
    "OrderQuerySet",
    "Pool",
    "Registration",
    "RegistrationOption",
    "RegistrationOptionQuerySet",
    "RegistrationQuerySet",
    "Responses",
    "Session",
]
