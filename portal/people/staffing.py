"""Who works in the office.

Rules: staff are people like others, with an account that has `is_staff`; what that allows is in
accounts/permissions.py. The account gets its password through an invitation, never from here. The
account is the person's own: where the address is what somebody else signs in with, nobody is let
in. Whoever has an account already is told by email, and signs in again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from portal.accounts.emails import queue_rights_changed
from portal.accounts.models import User
from portal.accounts.opening_accounts import clear_unclaimed
from portal.accounts.sessions import end_sessions
from portal.core.rows.history import record
from portal.core.rows.locking import lock
from portal.core.text.email_address import tidy_email
from portal.people.inviting import invite
from portal.people.models import Person


class SeveralPeople(Exception):
    """More than one person has the address."""

    def __init__(self, email: str) -> None:
        super().__init__(
            f"Several people have the address {email}. In the office, give each person their "
            "own address first."
        )


class AnothersSignIn(Exception):
    """The account at the address belongs to somebody else than its person."""

    def __init__(self, email: str, holder: Person) -> None:
        super().__init__(
            f"{holder.full_name} signs in with {tidy_email(email)}. To let them work in the "
            "office, give the address that the office has for them: "
            f"{holder.email or 'enter one there first'}. To let somebody else in, give their "
            "own address."
        )


class NameMissing(Exception):
    """Nobody has the address yet, so a name is needed."""

    def __init__(self, email: str) -> None:
        super().__init__(
            f"Nobody has the address {email} yet. Add --first-name and --last-name; for "
            "somebody with one name, --last-name alone."
        )


@dataclass(frozen=True)
class Added:
    """What adding a member of staff came to."""

    person: Person
    is_new_person: bool
    is_new_staff: bool
    is_administrator: bool
    is_invited: bool


@transaction.atomic
def add_staff(
    email: str,
    *,
    actor: object,
    at: datetime,
    first_name: str = "",
    last_name: str = "",
    may_do_all: bool = False,
) -> Added:
    """Let the person at an address work in the office; done again, it changes nothing.

    Anyone without a confirmed account gets an invitation, once. `may_do_all`: an administrator.
    Raises SeveralPeople, AnothersSignIn, NameMissing, and ValidationError where a name is too
    long.
    """
    clear_unclaimed(email)
    known = Person.objects.with_email(email)
    accounts = User.objects.with_email(email) | User.objects.filter(pk__in=known.values("user"))
    lock(accounts)
    people = lock(known)
    if len(people) > 1:
        raise SeveralPeople(email)
    _refuse_anothers_account(email, people)
    if not people and not last_name:
        raise NameMissing(email)
    person = people[0] if people else _new_person(email, first_name, last_name, at)
    is_new, user = _make_staff(person, may_do_all=may_do_all, actor=actor, at=at)
    is_invited = False
    if person.user_id is None and not _is_invited(person, at):
        is_invited = invite([person], actor=actor, at=at) == 1
    return Added(person, not people, is_new, user.is_superuser, is_invited)


def _refuse_anothers_account(email: str, people: list[Person]) -> None:
    """An office given to the account at an address must not go to another than its person."""
    holder = Person.objects.filter(user__in=User.objects.with_email(email)).first()
    if holder is not None and holder not in people:
        raise AnothersSignIn(email, holder)


def _new_person(email: str, first_name: str, last_name: str, at: datetime) -> Person:
    person = Person(
        first_name=first_name, last_name=last_name, email=tidy_email(email), created_at=at
    )
    person.full_clean()
    person.save()
    return person


def _is_invited(person: Person, at: datetime) -> bool:
    return any(each.opens_for(person, at) for each in person.invitations.all())


def _make_staff(
    person: Person, *, may_do_all: bool, actor: object, at: datetime
) -> tuple[bool, User]:
    """Flag the account, made without a password where there is none; whether it was not yet."""
    user = person.user or User.objects.with_email(person.email).first()
    if user is None:
        user = User.objects.create_user(person.email)
    if user.is_staff and (user.is_superuser or not may_do_all):
        return False, user
    before = {"is_staff": user.is_staff, "is_superuser": user.is_superuser}
    after = {"is_staff": True, "is_superuser": user.is_superuser or may_do_all}
    User.objects.filter(pk=user.pk).update(**after)
    user.refresh_from_db()
    end_sessions(user, why=User.SessionsEnded.RIGHTS, at=at)
    record("made staff", person, actor=actor, at=at, before=before, after=after)
    if person.user_id is not None:
        queue_rights_changed(user, at=at)
    return True, user
