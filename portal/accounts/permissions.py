"""What staff may do in the office.

Rules: staff see, add and change the portal's own rows, so far as each admin page offers it; they
delete nothing. It follows from the one flag `is_staff`, so there are no groups to keep in step
with new models. An administrator (`is_superuser`) may do all that Django knows. Nothing else gives
a right: Django's groups and permissions of a single account are not asked.
"""

from __future__ import annotations

from django.apps import apps
from django.core.exceptions import PermissionDenied

from portal.accounts.models import User

ACTIONS = {"view", "add", "change"}


class OfficeBackend:
    """Answers from the flags alone: no query.

    It stands first in AUTHENTICATION_BACKENDS and says no by PermissionDenied: then Django asks no
    backend after it. It signs nobody in and finds no account, so it has no `get_user`.
    """

    def authenticate(self, *_: object, **__: object) -> None:
        return None

    def has_perm(self, user_obj: object, perm: str, *_: object) -> bool:
        """Raises PermissionDenied."""
        app, name = perm.split(".", 1)
        if _is_office(user_obj) and _is_ours(app) and name.split("_")[0] in ACTIONS:
            return True
        raise PermissionDenied

    def has_module_perms(self, user_obj: object, app_label: str) -> bool:
        """Whether the app is on the admin's front page. Raises PermissionDenied."""
        if _is_office(user_obj) and _is_ours(app_label):
            return True
        raise PermissionDenied


def _is_office(user: object) -> bool:
    return isinstance(user, User) and user.is_active and user.is_staff


def _is_ours(app_label: str) -> bool:
    try:
        return apps.get_app_config(app_label).name.startswith("portal.")
    except LookupError:
        return False
