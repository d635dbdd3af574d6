"""The purchase order number of a person's details.

Rule (guide, section 5): it is on every open invoice that has no number of its own, at once.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal.core.rows.history import record
from portal.core.rows.locking import lock_one
from portal.people.models import Person


@transaction.atomic
def change_purchase_order(person: Person, *, number: str, actor: object, at: datetime) -> Person:
    """Keep a number, or none (""). What is the same already changes nothing."""
    person = lock_one(Person.objects.filter(pk=person.pk))
    before, number = person.purchase_order_number, number.strip()
    if number != before:
        person.purchase_order_number = number
        person.save(update_fields=["purchase_order_number"])
        record("purchase order changed", person, actor=actor, at=at, before=before, after=number)
    return person
