"""Columns that nobody reads in the office, superusers included.

Whoever can show, sort, search or filter by one can read it letter by letter. So the office's pages
leave these out of every form, refuse to be registered with one (portal/core/office/site.py), and
answer no lookup but those of their own filters (portal/core/office/lists.py).

A new column of the kind is added here: a hash, a code, a key, sealed words, words for one person.
"""

from __future__ import annotations

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.constants import LOOKUP_SEP

CONFIDENTIAL: dict[str, frozenset[str]] = {
    "accounts.User": frozenset({"password", "session_stamp"}),
    "accounts.MailRequest": frozenset({"sealed_code"}),
    "accounts.MailedCode": frozenset({"digest"}),
    "core.OutgoingMail": frozenset({"text", "html", "sealed", "calendar"}),
    "people.Invitation": frozenset({"token_hash"}),
    "people.InvitationRequest": frozenset({"token_hash"}),
    "account.EmailConfirmation": frozenset({"key"}),
    "mfa.Authenticator": frozenset({"data"}),
    "sessions.Session": frozenset({"session_key", "session_data"}),
}


def confidential(model: type[models.Model]) -> frozenset[str]:
    """The names of its columns that nobody reads."""
    return CONFIDENTIAL.get(model._meta.label, frozenset())


def leads_to_confidential(model: type[models.Model], path: str) -> bool:
    """Whether a path of fields, such as “person__user__password__startswith”, ends at one.

    What is not a field (a lookup, a method of a page) ends the path.
    """
    for name in path.split(LOOKUP_SEP):
        if name in confidential(model):
            return True
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            return False
        if not field.is_relation or field.related_model is None:
            return False
        model = field.related_model
    return False
