"""Finding accounts that share an address, for the migration to one spelling of each address.

Rules:
- An account's address, and the one that allauth keeps beside it, get the one spelling.
- Two accounts whose addresses are one mailbox: the one that is confirmed, else the one that has it
  in this spelling already, else the one used last, else the older, has the address. A sign-up that
  nobody confirmed goes, as it would within a week. Any other keeps working with its password and
  `+account-` and its number before the @ (most servers deliver that to the same mailbox), and the
  log names both for the office.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from typing import Any

from portal.core.text.address_spellings import respelled
from portal.core.text.email_address import tidy_email

log = logging.getLogger("portal.accounts")


def respell_accounts(users: Any, addresses: Any) -> None:
    """Both models are those of a migration. Never fails for two rows that become one address."""
    changed = respelled(users)
    shared = defaultdict(set)
    for pk, spelling in changed.items():
        shared[spelling].add(pk)
    for spelling, keys in shared.items():
        keys |= set(users.objects.filter(email=spelling).values_list("pk", flat=True))
        first, *others = sorted(keys, key=lambda pk: _rank(users, addresses, pk, spelling))
        for pk in others:
            _part(users, addresses, pk, spelling, from_account=first)
        _move(users, addresses, first, spelling)
    _respell_beside(addresses)


def _rank(users: Any, addresses: Any, pk: int, spelling: str) -> tuple[bool, bool, float, int]:
    user = users.objects.get(pk=pk)
    used = user.last_login.timestamp() if user.last_login else 0.0
    is_confirmed = addresses.objects.filter(user_id=pk, verified=True).exists()
    return not is_confirmed, user.email != spelling, -used, pk


def _part(users: Any, addresses: Any, pk: int, spelling: str, *, from_account: int) -> None:
    user = users.objects.get(pk=pk)
    is_confirmed = addresses.objects.filter(user_id=pk, verified=True).exists()
    if not (is_confirmed or user.is_staff or user.is_superuser or user.last_login):
        addresses.objects.filter(user_id=pk).delete()
        user.delete()
        return
    local, _, domain = spelling.rpartition("@")
    own = f"{local}+account-{pk}@{domain}"
    _move(users, addresses, pk, own)
    log.warning(
        "Accounts %s and %s have the same address, %s. Account %s signs in with %s until the "
        "office closes one of them.",
        from_account,
        pk,
        spelling,
        pk,
        own,
    )


def _move(users: Any, addresses: Any, pk: int, spelling: str) -> None:
    """Give an account this address, and the one beside it likewise."""
    before = users.objects.get(pk=pk).email
    users.objects.filter(pk=pk).update(email=spelling)
    beside = addresses.objects.filter(user_id=pk)
    same = [row for row in beside if tidy_email(row.email) == tidy_email(before)]
    for extra in sorted(same, key=lambda row: (not row.verified, not row.primary, row.pk))[1:]:
        extra.delete()
    addresses.objects.filter(pk__in=[row.pk for row in same]).update(email=spelling)


def _respell_beside(addresses: Any) -> None:
    """Addresses of an account that are not its own."""
    for pk, spelling in respelled(addresses).items():
        row = addresses.objects.get(pk=pk)
        others = addresses.objects.filter(email=spelling)
        if others.filter(user_id=row.user_id).exists():
            row.delete()
            continue
        row.verified = row.verified and not others.filter(verified=True).exists()
        row.email = spelling
        row.save()
