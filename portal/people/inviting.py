"""Invitations: the email by which a person known to the body gets an account.

Rules (guide, section 2):
- An invitation goes to the person's address and works for 14 days, once. The link is a random
  token; of it only the SHA-256 is kept with the invitation. The mail that carries it is wiped when
  it has been sent or given up.
- It dies with the address: where the office has corrected that, the old link opens nothing, and
  the person is still to be invited.
- Who follows it can read the mail of the address: accepting confirms the address, and takes the
  place of an account that somebody else may have signed up for with it.
- At an address that somebody else signs in with nobody is invited: the link could not work. The
  office gives each their own first.
- A person has at most one standing invitation, the newest. Older letters still open the account
  until it is there: anybody can have a newer one sent, and must not shut the holder out by it.
- Everybody who can be invited is invited once, also when runs overlap or are killed: a person's
  invitation and its mail are written together.
- Nothing that a page says depends on whether an address has an account.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction

from portal.accounts.models import User
from portal.accounts.opening_accounts import AccountClosed, open_account
from portal.core.background.registry import nudge
from portal.core.background.requests import answer_each
from portal.core.models import OutgoingMail
from portal.core.office.permitting import needs
from portal.core.rows.history import record
from portal.core.rows.locking import alone, lock, lock_one
from portal.core.web.links import absolute_url
from portal.people.emails import (
    queue_account_closed,
    queue_account_exists,
    queue_invitation,
    queue_invited_in_person,
)
from portal.people.models import AccountClaim, Invitation, InvitationRequest, Person

Priority = OutgoingMail.Priority
VALID_FOR = timedelta(days=14)
AT_A_TIME = 100
A_MOMENT = timedelta(minutes=2)


class InvitationUnusable(Exception):
    """The link is unknown, used, replaced or too old, or its address is another's account."""

    def __init__(self) -> None:
        super().__init__("This link has been used or is too old. Ask for a new one.")


class AlreadyInviting(Exception):
    """Another run is sending the invitations just now."""

    def __init__(self) -> None:
        super().__init__("Invitations are already being sent. Wait until that has finished.")


class NobodyToInvite(Exception):
    """Nobody, or more than one, at the address, or somebody else signs in with it."""

    def __init__(self, email: str) -> None:
        super().__init__(
            f"Nobody can be invited at {email}. In the office, give that address to one person "
            "who has no account yet."
        )


@needs("people.change_person")
@transaction.atomic
def invite(
    people: Iterable[Person], *, actor: object, at: datetime, priority: Priority | None = None
) -> int:
    """Send each of these people a new invitation; returns to how many.

    Passed over: who has no address, who has an account, and whose address is another's sign-in.
    Without a `priority` the mail of one person is a usual one, and those of several are bulk.
    """
    keys = [person.pk for person in people]
    priority = priority or (Priority.BULK if len(keys) > 1 else Priority.USUAL)
    chosen = lock(Person.objects.invitable().filter(pk__in=keys))
    Invitation.objects.filter(person__in=chosen, replaced_at=None).update(replaced_at=at)
    for person in chosen:
        invitation, token = _write(person, actor=actor, at=at)
        queue_invitation(invitation, token=token, at=at, priority=priority)
    return len(chosen)


@transaction.atomic
def invite_in_person(email: str, *, actor: object, at: datetime) -> str:
    """A new invitation for the person at an address, handed over by whoever runs the machine.

    Returns its link, which is not mailed: the email says only that it was made. Raises
    NobodyToInvite.
    """
    chosen = lock(Person.objects.with_email(email).invitable())
    if len(chosen) != 1:
        raise NobodyToInvite(email)
    Invitation.objects.filter(person=chosen[0], replaced_at=None).update(replaced_at=at)
    invitation, token = _write(chosen[0], actor=actor, at=at)
    queue_invited_in_person(invitation, at=at)
    return absolute_url("people:invitation", token)


def _write(person: Person, *, actor: object, at: datetime) -> tuple[Invitation, str]:
    """The invitation of a person who is locked, and its token, which is kept nowhere."""
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        person=person,
        email=person.email,
        token_hash=_hash(token),
        sent_at=at,
        expires_at=at + VALID_FOR,
    )
    record("invited", person, actor=actor, at=at, email=person.email)
    return invitation, token


def send_due_invitations(
    *,
    actor: object,
    at: datetime,
    email: str = "",
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> int:
    """Invite everybody who is still to be invited (with `email`: at that address).

    `on_progress` hears how many are done, of how many. Raises AlreadyInviting.
    """
    with alone("invite") as taken:
        if not taken:
            raise AlreadyInviting
        due = Person.objects.uninvited()
        priority = Priority.BULK
        if email:
            due = due.with_email(email)
            priority = Priority.USUAL
        keys = list(due.order_by("pk").values_list("pk", flat=True))
        sent = 0
        for start in range(0, len(keys), AT_A_TIME):
            batch = keys[start : start + AT_A_TIME]
            sent += _invite_uninvited(batch, actor=actor, at=at, priority=priority)
            on_progress(start + len(batch), len(keys))
        return sent


@transaction.atomic
def _invite_uninvited(
    keys: Iterable[int], *, actor: object, at: datetime, priority: Priority
) -> int:
    locked = lock(Person.objects.filter(pk__in=keys))
    still = Person.objects.uninvited().filter(pk__in=[person.pk for person in locked])
    return invite(still, actor=actor, at=at, priority=priority)


def open_invitation(token: str, *, at: datetime) -> Invitation:
    """The invitation that this link opens now; reading it does not use it.

    Raises InvitationUnusable.
    """
    found = _by_token(token)
    if found is None or not found.opens_for(found.person, at):
        raise InvitationUnusable
    return found


def accept(token: str, *, password: str, at: datetime) -> User:
    """Use an invitation: the account of its person, with this password, its address confirmed.

    Raises InvitationUnusable.
    """
    return _accept(token, make_password(password), at)


def accepted_just_now(token: str, *, password: str, at: datetime) -> User | None:
    """The account of an invitation used a moment ago with this password, else None.

    So the second of two clicks ends where the first one did. It tells no more than signing in.
    """
    found = _by_token(token)
    if found is None or found.used_at is None or at - found.used_at > A_MOMENT:
        return None
    user = found.person.user
    is_theirs = user is not None and user.is_active and user.check_password(password)
    return user if is_theirs else None


@transaction.atomic
def _accept(token: str, password_hash: str, at: datetime) -> User:
    invitation, person = _locked(token)
    if not invitation.opens_for(person, at):
        raise InvitationUnusable
    holder = User.objects.with_email(invitation.email).first()
    if holder is not None and Person.objects.filter(user=holder).exists():
        raise InvitationUnusable
    try:
        user = open_account(invitation.email, password_hash=password_hash)
    except AccountClosed as error:
        raise InvitationUnusable from error
    AccountClaim.objects.filter(user=user).delete()
    person.user = user
    person.save(update_fields=["user"])
    invitation.used_at = at
    invitation.save(update_fields=["used_at"])
    record("invitation accepted", person, actor=user, at=at)
    return user


def _locked(token: str) -> tuple[Invitation, Person]:
    """The invitation and its person, locked, and before them the account of its address."""
    found = _by_token(token)
    if found is None:
        raise InvitationUnusable
    lock(User.objects.with_email(found.email), for_deletion=True)
    person = lock_one(Person.objects.filter(pk=found.person_id))
    return lock_one(Invitation.objects.filter(pk=found.pk)), person


@transaction.atomic
def ask_for_new_link(token: str, *, at: datetime) -> None:
    """Keep that the holder of this link wants a new one, for a job to answer: the page looks
    nobody up, so the time that it takes says nothing of the link."""
    InvitationRequest.objects.create(token_hash=_hash(token), asked_at=at)
    nudge("answer_invitation_requests")


def answer_invitation_requests(*, at: datetime, forgets: bool = True) -> int:
    """Answer and forget each request; returns how many (core/background/requests.py)."""
    return answer_each(InvitationRequest, lambda asked: _renew(asked, at), at=at, forgets=forgets)


def _renew(request: InvitationRequest, at: datetime) -> None:
    """A new letter for whoever holds a link that no longer works. For an unknown link, nothing."""
    known = Invitation.objects.select_related("person__user")
    found = known.filter(token_hash=request.token_hash).first()
    if found is not None:
        holder = found.person.user
        answer(holder.email if holder else found.email, at=at)


@transaction.atomic
def answer(email: str, *, at: datetime) -> bool:
    """Write to an address by which somebody wants in; False where it belongs to nobody we know.

    An account: that it exists, and how to set a new password. A person without one: a new
    invitation.
    """
    user = User.objects.with_email(email).verified().first()
    if user is not None:
        say = queue_account_exists if user.is_active else queue_account_closed
        say(user.email, at=at)
        return True
    people = Person.objects.with_email(email).filter(user=None)
    return invite(people, actor="asked for on the website", at=at, priority=Priority.URGENT) > 0


def _by_token(token: str) -> Invitation | None:
    invitations = Invitation.objects.select_related("person__user")
    return invitations.filter(token_hash=_hash(token)).first()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
