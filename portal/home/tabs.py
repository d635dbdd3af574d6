"""The tabs of “Your account”: only those that have something in them."""

from __future__ import annotations

from django.urls import reverse


def account_tabs() -> list[dict[str, str]]:
    return [
        {"text": "About me", "url": reverse("account:about")},
        {"text": "Activity", "url": reverse("account:activity")},
    ]
