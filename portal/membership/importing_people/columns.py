"""The columns of the people file, and how each of their cells is read.

A reader takes a cell without outer spaces and gives it in the one form in which it is kept and
compared, so that a date written otherwise is not a change: dates as 2027-03-31, phones as +44…,
postcodes with one space, names of lists as staff write them. It raises ValueError with the
sentence for the report.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from portal.core.dates import add_years, read_date
from portal.core.sheets.cells import at_most, one_of, yes_or_no
from portal.core.sheets.damage import (
    as_typed,
    guarded,
    says_something,
    sound,
    whole_name,
    whole_words,
)
from portal.core.text.email_address import LONGEST, check_email, tidy_email
from portal.membership.importing_people.countries import read_country
from portal.membership.importing_people.phones import read_phone
from portal.membership.models import MembershipCategory
from portal.organisations.models import OrganisationType, RoleType
from portal.people.models import LONGEST_NAME, Purpose

COLUMNS = (
    "membership_number",
    "title",
    "first_name",
    "last_name",
    "email",
    "phone",
    "mobile",
    "address_line_1",
    "address_line_2",
    "address_line_3",
    "town",
    "county",
    "postcode",
    "country",
    "organisation",
    "organisation_type",
    "role_type",
    "category",
    "member_since",
    "renewal_date",
    "certmap_date",
    "bulletin",
    "share_with_employer",
    "event_news",
    "purchase_order",
)
PERSON_FIELDS = {
    "title": "title",
    "first_name": "first_name",
    "last_name": "last_name",
    "email": "email",
    "purchase_order": "purchase_order_number",
}
ADDRESS_FIELDS = {
    "address_line_1": "line_1",
    "address_line_2": "line_2",
    "address_line_3": "line_3",
    "town": "town",
    "county": "county",
    "postcode": "postcode",
    "country": "country",
}
PHONES = ("phone", "mobile")
CONSENTS = {purpose.value: purpose for purpose in Purpose}
MEMBERSHIP = ("membership_number", "category", "member_since", "renewal_date")
AFFILIATION = ("organisation", "organisation_type", "role_type")

DATES = ("member_since", "renewal_date", "certmap_date")
NAMES = ("first_name", "last_name")
_PLACES = (
    *("address_line_1", "address_line_2", "address_line_3", "town", "county"),
    "organisation",
)
_AS_TYPED = ("membership_number", "purchase_order", *PHONES)
# Words for nothing are told of all but names, and of lists that may hold them (“None”, “no”).
_OPTIONAL = (
    *("membership_number", "title", "email", "organisation", "purchase_order"),
    *PHONES,
    *(column for column in ADDRESS_FIELDS if column != "country"),
    *DATES,
)

_LENGTHS = {
    "title": 35,
    "first_name": LONGEST_NAME,
    "last_name": LONGEST_NAME,
    "address_line_1": 80,
    "address_line_2": 80,
    "address_line_3": 80,
    "town": 60,
    "county": 60,
    "postcode": 12,
    "organisation": 160,
    "purchase_order": 40,
}
_EARLIEST = date(1900, 1, 1)
_YEARS_AHEAD = 5
_valid_email = EmailValidator(allowlist=[])

Reader = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists that staff keep: compared name to name, and name to key."""

    categories: Mapping[str, MembershipCategory]
    role_types: Mapping[str, RoleType]
    organisation_types: Mapping[str, OrganisationType]

    @classmethod
    def load(cls) -> Lists:
        return cls(
            {row.name: row for row in MembershipCategory.objects.all()},
            {row.name: row for row in RoleType.objects.all()},
            {row.name: row for row in OrganisationType.objects.all()},
        )


def label(column: str) -> str:
    """What a column is called in a sentence: “First name”."""
    if column == "certmap_date":
        return "CertMAP date"
    return column.replace("_", " ").capitalize()


def readers(lists: Lists, today: date) -> dict[str, Reader]:
    """A reader for each column."""
    found: dict[str, Reader] = {
        column: _text(label(column), length) for column, length in _LENGTHS.items()
    }
    found |= {column: guarded(found[column], whole_name) for column in NAMES}
    found |= {column: guarded(found[column], whole_words) for column in _PLACES}
    found |= dict.fromkeys(CONSENTS, yes_or_no)
    found |= dict.fromkeys(PHONES, read_phone)
    found |= {
        "membership_number": _number,
        "email": _email,
        "country": read_country,
        "category": _choice(
            [*lists.categories], "membership categories", "Membership, Membership categories"
        ),
        "role_type": _choice([*lists.role_types], "role types", "Organisations, Role types"),
        "organisation_type": _choice(
            [*lists.organisation_types], "organisation types", "Organisations, Organisation types"
        ),
        "member_since": _date("Member since", _EARLIEST, add_years(today, 1)),
        "renewal_date": _date(
            "Renewal date",
            _EARLIEST,
            add_years(today, _YEARS_AHEAD),
            too_late="Check the year. For a life member, leave this empty",
        ),
        "certmap_date": _date("CertMAP date", _EARLIEST, today),
    }
    found |= {column: guarded(found[column], as_typed) for column in _AS_TYPED}
    found |= {column: guarded(found[column], says_something) for column in _OPTIONAL}
    return {column: guarded(read, sound) for column, read in found.items()}


def _text(name: str, length: int) -> Reader:
    return lambda cell: cell if len(cell) <= length else at_most(cell, length, name)


def _choice(names: list[str], kind: str, where: str) -> Reader:
    known = {name.casefold(): name for name in names}
    return lambda cell: one_of(cell, known, kind=kind, where=where)


def _date(name: str, earliest: date, latest: date, *, too_late: str = "Check the year") -> Reader:
    @lru_cache(maxsize=10_000)
    def read(cell: str) -> str:
        day = read_date(cell)
        if day < earliest:
            raise ValueError(f"{name} must be {earliest} or later. Check the year")
        if day > latest:
            raise ValueError(f"{name} must be {latest} or earlier. {too_late}")
        return day.isoformat()

    return read


def _number(cell: str) -> str:
    if "@" in cell:
        raise ValueError("A membership number cannot contain an “@”. Is this the email address?")
    return at_most(cell, 20, "Membership number")


def _email(cell: str) -> str:
    email = tidy_email(cell)
    try:
        check_email(email)
        _valid_email(email)
    except ValidationError:
        raise ValueError(
            f"“{cell[:60]}” is not an email address: write it as in name@example.org"
        ) from None
    return at_most(email, LONGEST, "Email")
