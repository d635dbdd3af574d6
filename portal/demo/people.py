"""300 people in 40 organisations, as the people file staff import, and those to try it with."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from portal.core.dates import add_years
from portal.demo.names import EMPLOYERS, FIRST_NAMES, LAST_NAMES, MEN, ROLES, STREETS, TOWNS

PASSWORD = "money-advice-demo"  # noqa: S105 - of the demo people only, and printed at each start
COLUMNS = (
    "membership_number,title,first_name,last_name,email,phone,mobile,address_line_1,"
    "address_line_2,address_line_3,town,county,postcode,country,organisation,organisation_type,"
    "role_type,category,member_since,renewal_date,certmap_date,bulletin,share_with_employer,"
    "event_news,purchase_order"
).split(",")
HOW_MANY = 300
ALICE, BOB, CHARLIE, SAM, ADA = (
    f"{n}@example.org" for n in ("alice", "bob", "charlie", "sam", "ada")
)

TO_TRY = {
    ALICE: "Alice Archer, Accredited member with CertMAP",
    BOB: "Bob Brook, her colleague",
    CHARLIE: "Charlie Carr, a customer who is not a member",
    SAM: "Sam Stone, works in the office",
    ADA: "Ada Adams, works in the office as an administrator",
}


@dataclass(frozen=True)
class Employer:
    name: str
    type: str
    town: str
    area: str
    phone: str


def employers() -> list[Employer]:
    """The 40 organisations: no two of a name."""
    found = []
    for number in range(40):
        pattern, kind = EMPLOYERS[number % len(EMPLOYERS)]
        town, area, phone = TOWNS[(number // len(EMPLOYERS) + number) % len(TOWNS)]
        found.append(Employer(pattern.format(town), kind, town, area, phone))
    if len({employer.name for employer in found}) != len(found):
        raise AssertionError("two demo employers share a name")
    return found


def verified_csv(today: date) -> str:
    """The people whose employer the office has verified: all but charlie and a few."""
    return _csv(row for row in _people(today) if row["email"] != CHARLIE)


def unverified_csv(today: date) -> str:
    return _csv(row for row in _people(today) if row["email"] == CHARLIE)


def _csv(rows: Iterator[dict[str, str]]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def _people(today: date) -> Iterator[dict[str, str]]:
    chance = random.Random("people")  # noqa: S311 - the same people each time
    works = employers()
    yield from _cast(works[0], works[1], today, chance)
    names = [(first, last) for first in FIRST_NAMES for last in LAST_NAMES]
    for number, (first, last) in enumerate(chance.sample(names, HOW_MANY - len(TO_TRY)), start=104):
        employer = chance.choice(works) if chance.random() < 0.95 else None
        is_member = chance.random() < 0.88
        row = _person(first, last, f"{_ascii(first)}.{_ascii(last)}@example.org", employer, chance)
        if is_member:
            row |= _membership(number, today, chance)
        yield row


HERS = ["Ms", "Ms", "Mrs", "Miss", "Dr", ""]


def _cast(
    alices: Employer, charlies: Employer, today: date, chance: random.Random
) -> Iterator[dict[str, str]]:
    """Those to try it with, whose dates do not depend on chance."""
    since = add_years(today, -6)
    member = {
        "role_type": "Money adviser / caseworker",
        "member_since": str(since),
        "renewal_date": str(today + timedelta(days=75)),
        "bulletin": "yes",
        "share_with_employer": "yes",
        "event_news": "yes",
    }
    alice = _person("Alice", "Archer", ALICE, alices, chance) | member
    yield alice | {
        "membership_number": "100",
        "title": "Ms",
        "category": "Accredited",
        "certmap_date": str(add_years(today, -4)),
    }
    bob = _person("Bob", "Brook", BOB, alices, chance) | member
    yield bob | {"membership_number": "101", "title": "Mr", "category": "Associate"}
    yield _person("Charlie", "Carr", CHARLIE, charlies, chance) | {"title": "", "role_type": ""}
    yield _person("Sam", "Stone", SAM, None, chance) | {"title": "", "role_type": ""}
    own = random.Random("ada")  # noqa: S311 - whoever is added changes nobody else
    yield _person("Ada", "Adams", ADA, None, own) | {"title": "", "role_type": ""}


def _person(
    first: str, last: str, email: str, employer: Employer | None, chance: random.Random
) -> dict[str, str]:
    town, area, phone = chance.choice(TOWNS)
    if employer:
        town, area, phone = employer.town, employer.area, employer.phone
    role = chance.choices([r for r, _ in ROLES], [w for _, w in ROLES])[0]
    street = (
        f"{chance.randint(1, 120)} {chance.choice(STREETS)} {chance.choice(['Road', 'Street'])}"
    )
    return dict.fromkeys(COLUMNS, "") | {
        "title": chance.choice(["Mr", "Mr", "Dr", "", ""] if first in MEN else HERS),
        "first_name": first,
        "last_name": last,
        "email": email,
        "phone": f"{phone}{chance.randint(0, 999):03d}",
        "mobile": f"07700 900{chance.randint(0, 999):03d}" if chance.random() < 0.6 else "",
        "address_line_1": employer.name if employer else street,
        "address_line_2": street if employer else "",
        "town": town,
        "postcode": f"{area}{chance.randint(1, 19)} {chance.randint(1, 9)}{_letters(chance)}",
        "country": "GB",
        "organisation": employer.name if employer else "",
        "organisation_type": employer.type if employer else "",
        "role_type": role if employer else "",
        "bulletin": chance.choice(["yes", "yes", "no"]),
        "share_with_employer": chance.choice(["yes", "no"]) if employer else "no",
        "event_news": chance.choice(["yes", "yes", "no"]),
        "purchase_order": f"PO-{chance.randint(1000, 9999)}" if chance.random() < 0.2 else "",
    }


def _membership(number: int, today: date, chance: random.Random) -> dict[str, str]:
    """One in twelve has lapsed; the others renew on some day of the coming year."""
    years = chance.randint(1, 14)
    renewal = today + timedelta(days=chance.randint(1, 364))
    if chance.random() < 1 / 12:
        renewal = today - timedelta(days=chance.randint(40, 300))
    category = chance.choices(
        ["Accredited", "Associate", "Affiliate", "Trainee", "Non-practising / Retired"],
        [45, 28, 12, 10, 5],
    )[0]
    holds = category == "Accredited" or (category == "Affiliate" and chance.random() < 0.3)
    since = add_years(renewal, -years)
    return {
        "membership_number": str(number),
        "category": category,
        "member_since": str(since),
        "renewal_date": str(renewal),
        "certmap_date": str(min(since + timedelta(days=90), today)) if holds else "",
    }


def _letters(chance: random.Random) -> str:
    return "".join(chance.choice("ABDEFGHJLNPQRSTUWXYZ") for _ in range(2))


def _ascii(name: str) -> str:
    return name.lower().replace("â", "a").replace("’", "").replace("'", "")
