"""Whose account is it?

Rules:
- Only an address that is shown to be its holder's counts; a sign-up alone gives nothing.
- One person without an account has the address: the account is theirs.
- Nobody has it: a new person, with the names as typed at sign-up.
- Several have it: the office decides. Until then the account can do nothing.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal.accounts.models import User
from portal.core.office.permitting import needs
from portal.core.rows.history import record
from portal.core.rows.locking import lock, lock_one
from portal.people.emails import queue_account_ready
from portal.people.models import AccountClaim, Person


class HasAccount(Exception):
    """The chosen person has an account already."""

    def __init__(self, person: Person) -> None:
        super().__init__(f"{person} already has an account. Choose another person.")


@transaction.atomic
def attach_person(user: User, *, at: datetime) -> Person | None:
    """The person of a confirmed account, found or made; None where the office has to decide."""
    lock_one(User.objects.filter(pk=user.pk))
    own = Person.objects.filter(user=user).first()
    if own is not None or AccountClaim.objects.filter(user=user).exists():
        return own
    found = lock(Person.objects.with_email(user.email).filter(user=None))
    if len(found) > 1:
        AccountClaim.objects.create(user=user, claimed_at=at)
        record("claimed by several", user, actor=user, at=at, people=[str(p) for p in found])
        return None
    person = found[0] if found else _new_person(user, at)
    _attach(person, user, actor=user, at=at)
    return person


@needs("people.change_accountclaim")
@transaction.atomic
def settle_claim(
    claim: AccountClaim, person: Person | None, *, actor: object, at: datetime
) -> Person:
    """The office says whose account it is; None: nobody's yet, so a new person is made.

    The holder of the account is told by email. Raises HasAccount.
    """
    user = lock_one(User.objects.filter(pk=claim.user_id))
    if person is not None:
        person = lock_one(Person.objects.filter(pk=person.pk))
        if person.user_id is not None:
            raise HasAccount(person)
    claim = lock_one(AccountClaim.objects.filter(pk=claim.pk))
    if person is None:
        person = _new_person(user, at)
    _attach(person, user, actor=actor, at=at)
    claim.delete()
    queue_account_ready(person, to=user.email, at=at)
    return person


def _attach(person: Person, user: User, *, actor: object, at: datetime) -> None:
    person.user = user
    person.save(update_fields=["user"])
    record("account attached", person, actor=actor, at=at, account=user.email)


def _new_person(user: User, at: datetime) -> Person:
    """The name is what was typed; of whoever has typed none, the first part of the address."""
    has_name = user.signup_first_name or user.signup_last_name
    return Person.objects.create(
        first_name=user.signup_first_name if has_name else user.email.partition("@")[0][:100],
        last_name=user.signup_last_name,
        email=user.email,
        created_at=at,
    )
