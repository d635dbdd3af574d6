"""What who works in the office may do in the admin.

Rules: staff see, add and change the portal's own rows, so far as each admin page offers it; they
delete nothing. It follows from the one flag `is_staff`, so there are no groups to keep in step
with new models. A superuser may do all that Django knows.
"""

from __future__ import annotations

from django.apps import apps
from django.contrib.auth.backends import BaseBackend

from portal.accounts.models import User

ACTIONS = {"view", "add", "change"}


class OfficeBackend(BaseBackend):
    """Answers from the flag alone: no query."""

    def has_perm(self, user_obj: object, perm: str, *_: object) -> bool:
        app, name = perm.split(".", 1)
        return _is_office(user_obj) and _is_ours(app) and name.split("_")[0] in ACTIONS

    def has_module_perms(self, user_obj: object, app_label: str) -> bool:
        """Whether the app stands on the admin's front page."""
        return _is_office(user_obj) and _is_ours(app_label)


def _is_office(user: object) -> bool:
    return isinstance(user, User) and user.is_active and user.is_staff


def _is_ours(app_label: str) -> bool:
    try:
        return apps.get_app_config(app_label).name.startswith("portal.")
    except LookupError:
        return False
