"""How passwords are kept: one normal form, hashed by Argon2id (docs/decisions/0019).

Rules:
- A password has one normal form, NFKC with every kind of space as the plain one. NIST SP 800-63B
  names NFKC, and whatever the OpaqueString of RFC 8265 holds for the same is the same in it too. So
  a password fits whether a keyboard writes é as one sign or as two, and in full width or not.
- Both ways of hashing and checking bring it to that form, so no page or command can forget to.
  What makes a password good enough looks at that form as well (password_rules.py).
- Hashing is Argon2id as OWASP has it (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
  A process makes one hash at a time, so that many sign-ins at once take no more memory than one.
- An old hash is checked with what was typed as it stands, because it was made of that. It is made
  again at the next sign-in (old_hashes.py).
"""

from __future__ import annotations

import threading
import unicodedata
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher

OGHAM_SPACE = "\u1680"  # the one space that NFKC leaves


def normal_form(password: str) -> str:
    """The text that is hashed and judged, however the password was typed."""
    return unicodedata.normalize("NFKC", password.replace(OGHAM_SPACE, " "))


class InNormalForm:
    """For a hasher of Django's: sets and checks the normal form."""

    def encode(self, password: str, salt: str, *more: Any) -> str:
        made: str = super().encode(normal_form(password), salt, *more)  # type: ignore[misc]
        return made

    def verify(self, password: str, encoded: str) -> bool:
        return bool(super().verify(normal_form(password), encoded))  # type: ignore[misc]


_at_work = threading.Lock()


class Argon2Hasher(InNormalForm, Argon2PasswordHasher):
    memory_cost = 19_456  # KiB
    time_cost = 2
    parallelism = 1

    def encode(self, password: str, salt: str, *more: Any) -> str:
        with _at_work:
            return super().encode(password, salt, *more)

    def verify(self, password: str, encoded: str) -> bool:
        with _at_work:
            return super().verify(password, encoded)


class OldHasher(PBKDF2PasswordHasher):
    """Hashes from before Argon2id. All of them took as many rounds as here: what is spent in
    place of one (old_hashes.py) has to cost the same, whatever Django's newest number is.
    """

    iterations = 1_000_000
