"""People files to import: rows with everything right, changed where a test says so."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

from portal.core.dates import LONDON
from portal.core.sheets import BadSheet, Outcome, read_text
from portal.membership.importing_people.columns import COLUMNS
from portal.membership.importing_people.importing import import_people
from portal.membership.models import MembershipCategory
from portal.organisations.models import OrganisationType, RoleType

AT = datetime(2026, 11, 23, 10, tzinfo=LONDON)
LATER = datetime(2026, 12, 24, 10, tzinfo=LONDON)

CUSTOMER = {"first_name": "Carl", "last_name": "Cole", "email": "carl@example.org"}
MEMBER = {
    "membership_number": "M1",
    "title": "Ms",
    "first_name": "Mary",
    "last_name": "Moss",
    "email": "mary@example.org",
    "phone": "0113 496 0101",
    "mobile": "07700 900101",
    "address_line_1": "1 High Street",
    "town": "Leeds",
    "postcode": "LS1 4AP",
    "organisation": "Moss Advice",
    "organisation_type": "Law centre",
    "role_type": "Money adviser",
    "category": "Accredited",
    "member_since": "2019-04-01",
    "renewal_date": "2027-04-01",
    "certmap_date": "2020-06-01",
    "bulletin": "yes",
    "share_with_employer": "no",
    "purchase_order": "PO-1",
}


def lists() -> None:
    """What staff have entered before they import."""
    for name in ("Accredited", "Associate"):
        MembershipCategory.objects.get_or_create(name=name)
    for name in ("Law centre", "Local authority", "Self-employed"):
        OrganisationType.objects.get_or_create(name=name)
    for name in ("Money adviser", "Supervisor"):
        RoleType.objects.get_or_create(name=name)


def csv_text(*rows: dict[str, str]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def run(*rows: dict[str, str], at: datetime = AT, **options: Any) -> Outcome:
    """Import the rows from people.csv."""
    sheet = read_text(csv_text(*rows), COLUMNS, name="people.csv")
    return import_people(sheet, actor="office", at=at, **options)


def problems(*rows: dict[str, str], at: datetime = AT) -> list[str]:
    """What stands against importing the rows; nothing may be against it only if it is good."""
    try:
        run(*rows, at=at, dry_run=True)
    except BadSheet as error:
        return [str(problem) for problem in error.problems]
    return []


def counts(outcome: Outcome) -> tuple[int, int, int]:
    return outcome.added, outcome.changed, outcome.unchanged
