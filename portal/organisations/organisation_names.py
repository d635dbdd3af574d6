"""The names of organisations.

Rule: names with the same form for comparing (core/text/comparing.py) are one name, and each is one
organisation's. Lists and files are matched by it.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from portal.core.office.permitting import needs
from portal.core.rows.history import record
from portal.core.rows.locking import lock
from portal.core.text.comparing import as_organisation
from portal.organisations.models import Organisation

_NO_MATTER = frozenset("the and ltd plc llp cic cio company co uk".split())


class NameTaken(Exception):
    """Another organisation has the name."""

    def __init__(self) -> None:
        super().__init__("There is already an organisation with this name.")


def free_name(name: str, *, of: Organisation) -> str:
    """The name as it is kept, with single spaces. Raises NameTaken."""
    name = " ".join(name.split())
    if Organisation.objects.filter(compared_name=name).exclude(pk=of.pk).exists():
        raise NameTaken
    return name


def near_names(new: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Of each new name another, known or new, that may be the same organisation's.

    The same but for a legal form, “the”, “and” or one slip in its letters.
    """
    by_core: dict[str, str] = {}
    alike: defaultdict[str, list[str]] = defaultdict(list)
    near: dict[str, str] = {}

    def enter(name: str, core: str) -> None:
        if by_core.setdefault(core, name) == name:
            alike[_start_and_digits(core)].append(core)

    for name in known:
        enter(name, _core(name))
    for name in new:
        core = _core(name)
        slips = difflib.get_close_matches(core, alike[_start_and_digits(core)], n=1, cutoff=0.9)
        other = next((by_core[one] for one in (core, *slips) if one in by_core), "")
        if other:
            near[name] = other
        enter(name, core)
    return near


def _start_and_digits(core: str) -> str:
    """What a slip leaves as it is, so that not every two names have to be compared."""
    return core[:3] + "".join(re.findall(r"\d", core))


def _core(name: str) -> str:
    words = re.findall(r"[^\W_]+", as_organisation(name).replace("'", ""))
    return " ".join(word for word in words if word not in _NO_MATTER) or name


@needs("organisations.change_organisation")
@transaction.atomic
def keep_organisation(organisation: Organisation, *, actor: object, at: datetime) -> Organisation:
    """Enter an organisation, or keep what has been changed of it, under its lock.

    Raises NameTaken; of two who enter a name in the same moment, the second IntegrityError.
    """
    is_new = organisation.pk is None
    lock(Organisation.objects.filter(pk=organisation.pk))
    organisation.name = free_name(organisation.name, of=organisation)
    organisation.save()
    act = "organisation added" if is_new else "organisation changed"
    record(act, organisation, actor=actor, at=at, type=str(organisation.type or ""))
    return organisation
