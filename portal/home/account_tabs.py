"""The tabs of the user account area (guide, section 3): each is an address."""

from django.urls import reverse


def account_tabs() -> list[dict[str, str]]:
    return [
        {"text": "About me", "url": reverse("account:about")},
        {"text": "Activity", "url": reverse("account:activity")},
    ]
