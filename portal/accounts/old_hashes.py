"""Password hashes made in an earlier way, which stay until their holders sign in again.

Rules:
- Signing in with the password renews the hash. Nothing else does: a new hash ends the other
  sessions of the account, and confirming who one is must not end one's own.
- A wrong password costs the same time whether the account has an old hash, a new one, none, or is
  not there: what its check did not cost is spent besides, for as long as anybody has an old hash.
  Otherwise the time would tell where there is an account, and that it is an old one.
"""

from __future__ import annotations

from django.contrib.auth.hashers import (
    BasePasswordHasher,
    get_hashers,
    identify_hasher,
    make_password,
)

from portal.accounts.models import User


def renew_hash(user: User, password: str) -> bool:
    """Make an old hash again from the password that has just been found right.

    Of two sign-ins at once the first makes it, and both go on with that one. False where another
    password was set meanwhile: then this one opens nothing any more.
    """
    current = get_hashers()[0]
    old = user.password
    if identify_hasher(old).algorithm == current.algorithm and not current.must_update(old):
        return True
    made = make_password(password)
    if User.objects.filter(pk=user.pk, password=old).update(password=made):
        user.password = made
        return True
    user.refresh_from_db(fields=["password"])
    return user.check_password(password)


def even_out(*, email: str, password: str) -> None:
    """Spend on a wrong password what checking it at another account would have cost besides."""
    encoded = User.objects.with_email(email).values_list("password", flat=True).first() or ""
    current, *old = get_hashers()
    # Where there is no account, or none with a password, a hash of the current way was made.
    spent = next((hasher for hasher in old if _is_of(hasher, encoded)), current)
    due = [current, *(hasher for hasher in old if _is_in_use(hasher))]
    for hasher in due:
        if hasher is not spent:
            hasher.encode(password, hasher.salt())


def _is_of(hasher: BasePasswordHasher, encoded: str) -> bool:
    return encoded.startswith(f"{hasher.algorithm}$")


def _is_in_use(hasher: BasePasswordHasher) -> bool:
    return User.objects.filter(password__startswith=f"{hasher.algorithm}$").exists()
