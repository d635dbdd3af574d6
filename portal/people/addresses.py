"""A person's first postal address.

Rules (guide, section 3; VATREC5010):

- An invoice shows the address of whoever pays it. Who made their own account has none yet, and
  adds it; of whoever has one already the office knows it.
- The first address serves mailing, shipping and billing.
- A UK postcode is a whole one, spaced as one likes; elsewhere it is kept as typed.
"""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from portal.core.rows.history import record
from portal.core.rows.locking import lock_one
from portal.people.models import POSTCODE, Address, Person
from portal.people.postcodes import UK, spaced_postcode

ELSEWHERE = ", or choose the country if it is not in the UK"


class HasAddress(Exception):
    """The person has another address already."""

    def __init__(self) -> None:
        super().__init__("We already have your address. If it is wrong, tell the office.")


def tidy_address_postcode(typed: str, country: str) -> str:
    """The postcode as it is kept. Raises ValidationError for one that there cannot be."""
    if country not in UK:
        return typed.strip()
    postcode = spaced_postcode(typed)
    try:
        POSTCODE(postcode)
    except ValidationError as error:
        raise ValidationError(f"{POSTCODE.message}{ELSEWHERE}") from error
    return postcode


@transaction.atomic
def add_first_address(person: Person, *, address: Address, actor: object, at: datetime) -> Address:
    """Keep an address (not saved yet) of whoever has none; sent twice, it is the same one.

    Raises HasAddress.
    """
    person = lock_one(Person.objects.filter(pk=person.pk))
    found: Address | None = person.addresses.first()
    if found is not None:
        if found.lines == address.lines:
            return found
        raise HasAddress
    address.person = person
    address.is_mailing = address.is_shipping = address.is_billing = True
    address.save()
    record("address added", person, actor=actor, at=at, address=str(address))
    return address
