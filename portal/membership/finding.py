"""For who has forgotten which email address they sign in with.

Rules:
- A membership number, or a name and a postcode, that match exactly one person: a mail goes to the
  address on file, never to another, and no page says what was found.
- The page keeps what was typed and no more; a job looks it up. So neither the answer nor the time
  that it takes says whether anybody was found.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from portal.core.background.registry import is_stopping, nudge
from portal.core.locking import lock
from portal.core.models import OutgoingMail
from portal.membership.models import UsernameRequest
from portal.people.emails import queue_account_closed, queue_username
from portal.people.inviting import invite
from portal.people.models import Person
from portal.people.postcodes import spaced_postcode

log = logging.getLogger("portal.membership")
# Whoever asked has rung the office since.
TOO_LATE = timedelta(days=1)


@transaction.atomic
def ask_for_username(
    *,
    number: str = "",
    first_name: str = "",
    last_name: str = "",
    postcode: str = "",
    at: datetime,
) -> None:
    """Keep what was typed, a membership number or else a name and postcode, to be looked up."""
    UsernameRequest.objects.create(
        number="".join(number.split()),
        first_name=first_name.strip(),
        last_name=last_name.strip(),
        postcode=spaced_postcode(postcode),
        asked_at=at,
    )
    nudge("answer_username_requests")


def answer_username_requests(*, at: datetime, forgets: bool = True) -> int:
    """Look up each request and forget it; how many were answered. One that fails stays.

    What is too old to be answered is forgotten, and stays where it is not to (`forgets`).
    """
    if forgets:
        UsernameRequest.objects.filter(asked_at__lt=at - TOO_LATE).delete()
    answered = 0
    in_time = UsernameRequest.objects.filter(asked_at__gte=at - TOO_LATE)
    for pk in list(in_time.order_by("pk").values_list("pk", flat=True)):
        if is_stopping():
            break
        try:
            answered += _answer(pk, at)
        except Exception:
            log.exception("Username request %s is not answered; it is tried again", pk)
    return answered


@transaction.atomic
def _answer(pk: int, at: datetime) -> int:
    """Answer and forget in one transaction; 0 where another worker has."""
    for request in lock(UsernameRequest.objects.filter(pk=pk)):
        request.delete()
        found = list(_matching(request).select_related("user")[:2])
        if len(found) == 1:
            _remind(found[0], at)
        return 1
    return 0


def _matching(typed: UsernameRequest) -> QuerySet[Person]:
    if typed.number:
        return Person.objects.filter(membership__number__iexact=typed.number)
    people = Person.objects.filter(
        first_name__iexact=typed.first_name,
        last_name__iexact=typed.last_name,
        addresses__postcode__iexact=typed.postcode,
    )
    return people.distinct()


def _remind(person: Person, at: datetime) -> None:
    user = person.user
    if user is None:
        asked = "asked for on the website"
        invite([person], actor=asked, at=at, priority=OutgoingMail.Priority.URGENT)
    elif user.is_active:
        queue_username(person, to=user.email, at=at)
    else:
        queue_account_closed(user.email, at=at)
