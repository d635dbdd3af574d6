"""What the office does to accounts.

Rules:
- An account is closed, never deleted. Any of the staff closes and opens the accounts of members,
  and takes the second step away from a member who has lost phone and codes: it is daily work.
- Giving and taking the rights of the office, and all of this to an account that has them, is for
  administrators, who show first who they are (core/office/administering.py).
- Nobody does any of it to their own account: so one administrator is always left. An
  administrator works in the office.
- What is done ends the sessions of the account at their next page; the holder is told by email of
  rights given or taken and of a second step taken away.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction

from portal.accounts.emails import queue_rights_changed, queue_second_step_removed
from portal.accounts.models import User
from portal.accounts.sessions import end_sessions
from portal.core.office.administering import NotAdministrator, require_administrator
from portal.core.office.permitting import needs
from portal.core.rows.history import record
from portal.core.rows.locking import lock


class OwnAccount(Exception):
    """Staff cannot shut themselves out."""

    def __init__(self) -> None:
        super().__init__("You cannot change your own account. Ask a colleague to do it.")


class NotInOffice(Exception):
    """An administrator who does not work in the office."""

    def __init__(self) -> None:
        super().__init__(
            "An administrator must also work in the office. Tick “works in the office” as well, "
            "or untick “administrator”. Nothing was changed."
        )


@dataclass(frozen=True)
class Standing:
    """What an account is to the office. `is_superuser`: an administrator."""

    is_active: bool
    is_staff: bool
    is_superuser: bool

    @classmethod
    def of(cls, user: User) -> Standing:
        return cls(user.is_active, user.is_staff, user.is_superuser)

    @property
    def rights(self) -> tuple[bool, bool]:
        return self.is_staff, self.is_superuser


@needs("accounts.change_user", refusal=NotAdministrator)
@transaction.atomic
def set_standing(
    user: User, standing: Standing, *, actor: User, proved_at: datetime | None, at: datetime
) -> User:
    """Open or close an account, and give or take the office's rights.

    `proved_at`: when the actor's session last proved who uses it. Raises NotAdministrator,
    ProofNeeded, OwnAccount and NotInOffice.
    """
    user, actor = _locked(user, actor)
    before = Standing.of(user)
    if standing == before:
        return user
    if user.pk == actor.pk:
        raise OwnAccount
    _check_actor(actor, any((*before.rights, *standing.rights)), proved_at=proved_at, at=at)
    if standing.rights != before.rights and standing.is_superuser and not standing.is_staff:
        raise NotInOffice
    User.objects.filter(pk=user.pk).update(**asdict(standing))
    user.refresh_from_db()
    end_sessions(user, why=_why(before, standing), at=at)
    record(
        "account changed", user, actor=actor, at=at, before=asdict(before), after=asdict(standing)
    )
    if standing.rights != before.rights:
        queue_rights_changed(user, at=at)
    return user


@needs("accounts.change_user", refusal=NotAdministrator)
@transaction.atomic
def set_open(
    user: User, *, is_active: bool, actor: User, proved_at: datetime | None, at: datetime
) -> User:
    """Open or close an account, and leave its rights as they are by now.

    Raises NotAdministrator, ProofNeeded and OwnAccount.
    """
    now, _ = _locked(user, actor)
    standing = replace(Standing.of(now), is_active=is_active)
    return set_standing(now, standing, actor=actor, proved_at=proved_at, at=at)


@needs("accounts.change_user", refusal=NotAdministrator)
@transaction.atomic
def remove_second_step(
    user: User, *, actor: User, proved_at: datetime | None, at: datetime
) -> bool:
    """For somebody who has lost phone and codes, and has shown the office who they are.

    False where there was none. Raises NotAdministrator, ProofNeeded and OwnAccount.
    """
    user, actor = _locked(user, actor)
    if user.pk == actor.pk:
        raise OwnAccount
    _check_actor(actor, any(Standing.of(user).rights), proved_at=proved_at, at=at)
    removed, _ = Authenticator.objects.filter(user=user).delete()
    if removed:
        end_sessions(user, why=User.SessionsEnded.SECOND_STEP, at=at)
        record("second step removed", user, actor=actor, at=at)
        queue_second_step_removed(user, at=at)
    return bool(removed)


def _why(before: Standing, after: Standing) -> User.SessionsEnded:
    """What ends the sessions: closing counts for more than a change of rights."""
    is_closed = before.is_active and not after.is_active
    return User.SessionsEnded.CLOSED if is_closed else User.SessionsEnded.RIGHTS


def _locked(user: User, actor: User) -> tuple[User, User]:
    """Both as they are now: of two who take each other's rights at once, one comes too late."""
    found = {each.pk: each for each in lock(User.objects.filter(pk__in=[user.pk, actor.pk]))}
    return found[user.pk], found[actor.pk]


def _check_actor(
    actor: User, is_about_rights: bool, *, proved_at: datetime | None, at: datetime
) -> None:
    if not (actor.is_active and actor.has_perm("accounts.change_user")):
        raise NotAdministrator
    if is_about_rights:
        require_administrator(actor, proved_at=proved_at, at=at)
