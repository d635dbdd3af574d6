"""Django's messages in a cookie of our name (cookie_names.py)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class MessagesCookie(CookieStorage):
    cookie_name = settings.MESSAGES_COOKIE_NAME


class Messages(FallbackStorage):
    """As Django's own: in a cookie, and in the session where they are too long for one."""

    storage_classes = (MessagesCookie, SessionStorage)
