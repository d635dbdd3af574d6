"""For anyone who has forgotten which email address they sign in with.

Rules:
- A membership number, or a name and a postcode, that match exactly one person: a mail goes to the
  address on file, never to another, and no page says what was found.
- Both are looked for by their form for comparing (core/text/comparing.py): accents, apostrophes,
  capitals and spaces make no difference.
- The page keeps what was typed and no more; a job looks it up. So neither the answer nor the time
  that it takes says whether anybody was found.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from portal.core.background.registry import nudge
from portal.core.background.requests import answer_each
from portal.core.models import OutgoingMail
from portal.membership.models import UsernameRequest
from portal.people.emails import queue_account_closed, queue_username
from portal.people.inviting import invite
from portal.people.models import Person


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
        number=number,
        first_name=first_name,
        last_name=last_name,
        postcode=postcode,
        asked_at=at,
    )
    nudge("answer_username_requests")


def answer_username_requests(*, at: datetime, forgets: bool = True) -> int:
    """Look up each request and forget it; returns how many (core/background/requests.py)."""
    return answer_each(UsernameRequest, lambda asked: _answer(asked, at), at=at, forgets=forgets)


def _answer(request: UsernameRequest, at: datetime) -> None:
    found = list(_matching(request).select_related("user")[:2])
    if len(found) == 1:
        _remind(found[0], at)


def _matching(typed: UsernameRequest) -> QuerySet[Person]:
    if typed.number:
        return Person.objects.filter(membership__compared_number=typed.number)
    people = Person.objects.filter(
        compared_name=f"{typed.first_name} {typed.last_name}",
        addresses__compared_postcode=typed.postcode,
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
