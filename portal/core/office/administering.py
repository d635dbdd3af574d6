"""What only an administrator does: giving and taking the office's rights, and its safeguards.

Rules:
- An administrator is who has the permission ADMINISTER: an account with `is_superuser`. No group
  and no permission of a single account gives it (accounts/permissions.py).
- They prove first who they are (core/web/proofs.py), so that a session left open is not enough.
- A command has no account. Whoever may run it has the database, and is believed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.core.office.permitting import NotPermitted
from portal.core.web.proofs import is_fresh

ADMINISTER = "core.administer"


class NotAdministrator(NotPermitted):
    """Other staff, or nobody at all, wanted to."""

    sentence = "Only an administrator can change this. Nothing was changed."


class ProofNeeded(Exception):
    """The session has not proved within the last minutes who uses it."""

    def __init__(self) -> None:
        super().__init__("Confirm who you are, then try again.")


def require_administrator(actor: Any, *, proved_at: datetime | None, at: datetime) -> None:
    """Raises NotAdministrator, ProofNeeded. `actor` is an account, or the name of a command."""
    if isinstance(actor, str):
        return
    if not actor.has_perm(ADMINISTER):
        raise NotAdministrator
    if not is_fresh(proved_at, at=at):
        raise ProofNeeded
