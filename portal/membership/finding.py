"""For who has forgotten which email address they sign in with.

Rules:
- A membership number, or a name and a postcode, that fit exactly one person: a mail goes to the
  address on file, never to another, and no page says what was found.
- Where nobody or more than one fits, the same work is done and thrown away, so that the time it
  takes says nothing either.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from portal.people.emails import queue_account_closed, queue_username
from portal.people.inviting import invite
from portal.people.models import Person
from portal.people.postcodes import spaced_postcode

_NOBODY = Person(first_name="Nobody", last_name="Found", email="nobody@portal.invalid")


@transaction.atomic
def remind_by_number(number: str, *, at: datetime) -> None:
    """Tell who has this membership number, by email, which address they sign in with."""
    tidy = "".join(number.split())
    _remind(Person.objects.filter(membership__number__iexact=tidy), at)


@transaction.atomic
def remind_by_name(first_name: str, last_name: str, postcode: str, *, at: datetime) -> None:
    """Tell who has this name and postcode, by email, which address they sign in with."""
    people = Person.objects.filter(
        first_name__iexact=first_name.strip(),
        last_name__iexact=last_name.strip(),
        addresses__postcode__iexact=spaced_postcode(postcode),
    )
    _remind(people.distinct(), at)


def _remind(people: QuerySet[Person], at: datetime) -> None:
    found = list(people.select_related("user")[:2])
    if len(found) != 1:
        queue_username(_NOBODY, to=_NOBODY.email)
        transaction.set_rollback(True)
        return
    person, user = found[0], found[0].user
    if user is None:
        invite([person], actor="asked for on the website", at=at)
    elif user.is_active:
        queue_username(person, to=user.email)
    else:
        queue_account_closed(user.email)
