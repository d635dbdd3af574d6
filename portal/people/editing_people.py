"""The office enters a person, or corrects what it knows of one.

Rules:
- Of a person with an account the email address is their sign-in, and stays: neither the office's
  page nor a file changes it.
- Addresses of email are kept in lower case. Several persons may share one.
- The purchase order number changes as it does in the person's own details
  (people/default_purchase_order.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from portal.core.office.permitting import needs
from portal.core.rows.history import record
from portal.core.rows.locking import lock_one
from portal.core.text.email_address import tidy_email
from portal.people.default_purchase_order import change_purchase_order
from portal.people.models import Person


class SignInStays(Exception):
    """The person has an account, so their email address is not the office's to change."""

    def __init__(self, person: Person) -> None:
        super().__init__(
            f"{person} signs in with {person.user}, so you cannot change the email address "
            "here. Nothing has been changed."
        )


@needs("people.add_person")
@transaction.atomic
def enter_person(person: Person, *, actor: object, at: datetime) -> Person:
    """Keep somebody who is new to the body."""
    person.email = tidy_email(person.email)
    person.save(force_insert=True)
    record("person added", person, actor=actor, at=at)
    return person


@needs("people.change_person")
@transaction.atomic
def correct_person(person: Person, *, actor: object, at: datetime, **changes: Any) -> Person:
    """Change the named fields of a person, and no other. What is the same changes nothing.

    Raises SignInStays.
    """
    person = lock_one(Person.objects.filter(pk=person.pk))
    if "purchase_order_number" in changes:
        number = changes.pop("purchase_order_number")
        person = change_purchase_order(person, number=number, actor=actor, at=at)
    if "email" in changes:
        changes["email"] = tidy_email(changes["email"])
    changed = [name for name, value in changes.items() if value != getattr(person, name)]
    if "email" in changed and person.email_is_sign_in:
        raise SignInStays(person)
    for name in changed:
        setattr(person, name, changes[name])
    if changed:
        person.save(update_fields=changed)
        record("person changed", person, actor=actor, at=at, fields=changed)
    return person
