"""The names of organisations.

Rule: names that differ in case or spacing only are one name, and each is one organisation's. Lists
and files are matched by it.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal.core.history import record
from portal.organisations.models import Organisation, comparable


class NameTaken(Exception):
    """Another organisation has the name."""

    def __init__(self) -> None:
        super().__init__("There is an organisation of this name already.")


def free_name(name: str, *, of: Organisation) -> str:
    """The name as it is kept, with single spaces. Raises NameTaken."""
    name = " ".join(name.split())
    if Organisation.objects.filter(match_name=comparable(name)).exclude(pk=of.pk).exists():
        raise NameTaken
    return name


@transaction.atomic
def keep_organisation(organisation: Organisation, *, actor: object, at: datetime) -> Organisation:
    """Enter an organisation, or keep what has been changed of it.

    Raises NameTaken; of two who enter a name in the same moment, the second IntegrityError.
    """
    is_new = organisation.pk is None
    organisation.name = free_name(organisation.name, of=organisation)
    organisation.save()
    act = "organisation added" if is_new else "organisation changed"
    record(act, organisation, actor=actor, at=at, type=str(organisation.type or ""))
    return organisation
