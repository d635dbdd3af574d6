"""The columns of the people file, and how each of their cells is read.

A reader takes a cell without outer spaces and gives it in the one form in which it is kept and
compared, so that a date written otherwise is not a change: dates as 2027-03-31, phones as +44…,
postcodes with one space, names of lists as staff write them. It raises ValueError with the
sentence for the report.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils import translation
from django_countries import countries
from phonenumbers import PhoneMetadata, PhoneNumberFormat

from portal.core.dates import add_years, read_date
from portal.core.sheets.cells import at_most, near_name, one_of, yes_or_no
from portal.core.sheets.damage import (
    as_typed,
    guarded,
    says_something,
    sound,
    whole_name,
    whole_words,
)
from portal.core.text.comparing import as_words
from portal.core.text.email_address import LONGEST, check_email, tidy_email
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
# As people write them; names and codes of ISO 3166 come besides.
_COUNTRY_NAMES = {
    "GB": (
        "uk, u.k, great britain, britain, great britain and northern ireland, "
        "united kingdom of great britain and northern ireland, england, scotland, wales, cymru, "
        "alba, northern ireland, n ireland, n. ireland, ni, n.i, eng, sct, scot, wls, nir, "
        "gb-eng, gb-sct, gb-wls, gb-nir, gb-gbn, gb-ukm, england & wales, isle of wight, anglesey, "
        "orkney, shetland, isles of scilly, scilly isles"
    ),
    "IM": "iom, i.o.m, isle of man, ellan vannin, mann",
    "JE": "jsy, jersey ci, jersey c.i, jersey channel islands",
    "GG": "gsy, guernsey ci, guernsey c.i, guernsey channel islands, alderney, sark, herm",
    "IE": "republic of ireland, eire, irish republic, roi, southern ireland, ireland (republic)",
    "US": "usa, u.s.a, united states of america, america",
}
_CHANNEL_ISLANDS = frozenset({"channel islands", "ci", "c.i"})
# Numbers that Ofcom keeps for drama, so nobody's: good for trying things out.
_NOBODYS = re.compile(r"(?:7700900|1632960)\d{3}")
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
    found |= dict.fromkeys(PHONES, _phone)
    found |= {
        "membership_number": _number,
        "email": _email,
        "country": _country,
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


def _uk_numbers() -> re.Pattern[str]:
    """All national numbers that `phonenumbers` holds valid for the UK, as one pattern.

    Parsing takes 40 µs a number, this 1; what it does not know still goes the long way.
    """
    known = PhoneMetadata.metadata_for_region("GB")
    kinds = (known.fixed_line, known.mobile) if known else ()
    parts = [kind.national_number_pattern for kind in kinds if kind]
    return re.compile("|".join(f"(?:{part})" for part in parts))


_UK = _uk_numbers()
_DECORATION = str.maketrans("", "", " -().\u00a0")


def _phone(cell: str) -> str:
    """The number in E.164. A number without a country is a UK number."""
    digits = cell.translate(_DECORATION)
    national = ""
    if digits.startswith("+44"):
        national = digits[3:].removeprefix("0")
    elif digits.startswith("0") and not digits.startswith("00"):
        national = digits[1:]
    is_known = len(national) == 10 and national.isascii() and national.isdigit()
    if is_known and (_UK.fullmatch(national) or _NOBODYS.fullmatch(national)):
        return f"+44{national}"
    return _any_phone(cell)


def _any_phone(cell: str) -> str:
    text = f"+{cell[2:]}" if cell.startswith("00") else cell
    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        number = None
    if number is not None and number.extension:
        raise ValueError(
            f"“{cell[:40]}” has an extension ({number.extension}), which the portal cannot "
            "keep. Leave it out"
        )
    if number is None or not phonenumbers.is_valid_number(number):
        raise ValueError(
            f"“{cell[:40]}” is not a phone number: write it as 0113 496 0677 or, from abroad, "
            "+353 1 234 5678"
        )
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


@lru_cache(maxsize=1)
def _country_codes() -> dict[str, str]:
    """Every way to write a country, as its code."""
    with translation.override("en"):
        listed = [(country.code, str(country.name)) for country in countries]
    codes = {name: code for code, name in listed}
    codes |= {code: code for code, _ in listed}
    codes |= {countries.alpha3(code): code for code, _ in listed}
    known = {as_words(name): code for name, code in codes.items()}
    for code, names in _COUNTRY_NAMES.items():
        known |= dict.fromkeys(names.split(", "), code)
    return known


def _country(cell: str) -> str:
    name = as_words(cell).removeprefix("the ").rstrip(".")
    if name in _CHANNEL_ISLANDS:
        raise ValueError("Write Jersey or Guernsey. The Channel Islands are more than one country")
    if code := _country_codes().get(name):
        return code
    with translation.override("en"):
        near = near_name(cell, [str(country.name) for country in countries])
    raise ValueError(
        f"“{cell[:60]}” is not a country. "
        + (f"Did you mean “{near}”? " if near else "")
        + "Write its English name or its ISO code, such as GB"
    )
