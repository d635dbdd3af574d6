"""Rows that could be in a portal of the first walk, and that an update sets right or names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

POSTED = "xn--bcher-rat-q9a.example"  # what a browser makes of the domain
TYPED = "b\u00fccher-rat.example"


@dataclass(frozen=True)
class OddRows:
    """The keys of those that tests look at."""

    alone: int  # an account in another spelling
    older: int  # two accounts that are one mailbox …
    newer: int
    squatted: int  # … and one that nobody confirmed
    person: int  # in another spelling
    zoe: int
    kept: int  # two organisations of one name
    other: int
    twin: int  # the membership whose number somebody else has


def as_then() -> Any:
    """The models as the tables are now."""
    loader = MigrationLoader(connection)
    return loader.project_state(list(loader.applied_migrations)).apps


def enter_odd_rows() -> OddRows:
    model = as_then().get_model
    now = timezone.now()

    def account(email: str, *, is_confirmed: bool = True, **more: Any) -> int:
        made = model("accounts.User").objects.create(email=email, **more)
        model("account.EmailAddress").objects.create(
            user_id=made.pk, email=email, verified=is_confirmed, primary=True
        )
        return int(made.pk)

    def person(first: str, last: str, number: str = "", **more: Any) -> int:
        made = model("people.Person").objects.create(first_name=first, last_name=last, **more)
        if number:
            model("membership.Membership").objects.create(person_id=made.pk, number=number)
        return int(made.pk)

    zoe = person("Zoë", "Brontë", "MEM 0123")
    model("people.Address").objects.create(
        person_id=zoe, line_1="1 Rue", town="Dublin", postcode="D02 X285"
    )
    model("membership.ImportedPerson").objects.create(
        key="mem 0123", person_id=zoe, cells={"membership_number": "MEM 0123"}, imported_at=now
    )
    organisations = model("organisations.Organisation").objects
    kept = organisations.create(name="J. Smith Ltd", match_name="j. smith ltd")
    other = organisations.create(name="J Smith Limited", match_name="j smith limited")
    model("organisations.Affiliation").objects.create(
        person_id=zoe, organisation_id=other.pk, start="2026-01-01"
    )
    person("Ann", "Alpha", "M 1")
    twin = person("Bea", "Bell", "m1")
    person("Cat", "Cole", "M2")
    return OddRows(
        alone=account(f"berta@{TYPED}"),
        older=account(f"anna@{TYPED}", last_login=now - timedelta(days=9)),
        newer=account(f"anna@{POSTED}", last_login=now),
        squatted=account(f"\uff41nna@{TYPED}", is_confirmed=False),
        person=person("Berta", "Bach", email=f"berta@{TYPED}"),
        zoe=zoe,
        kept=kept.pk,
        other=other.pk,
        twin=model("membership.Membership").objects.get(person_id=twin).pk,
    )


def give_another_number(odd: OddRows) -> None:
    """As the office does after it went back to the version that it had."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE membership_membership SET number = 'M 3' WHERE id = %s", [odd.twin])
