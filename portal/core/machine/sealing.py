"""Sealing what must not be readable in the database. Only the portal's secret key opens it.

Keys that PORTAL_SECRET_KEY has replaced (PORTAL_OLD_SECRET_KEYS) still open what they sealed. Each
purpose has its own key, so that what was sealed for one cannot replace another.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(Exception):
    """It was sealed with a key that the portal no longer has, or it has been changed since."""

    def __init__(self) -> None:
        super().__init__("This was sealed with another secret key, so it cannot be read.")


def seal(text: str, *, purpose: str) -> str:
    """The text, sealed for this purpose."""
    return _box(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """The text that was sealed for this purpose. Raises Unreadable."""
    try:
        return _box(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def _box(purpose: str) -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(str(key), purpose)) for key in keys])


@lru_cache(maxsize=32)
def _derived(key: str, purpose: str) -> bytes:
    kdf = HKDF(hashes.SHA256(), length=32, salt=None, info=f"portal {purpose}".encode())
    return base64.urlsafe_b64encode(kdf.derive(key.encode()))
