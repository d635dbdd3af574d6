"""Fill an empty database with the demo institute, through the same acts as everybody's.

Deterministic: the same day gives the same institute. Never touches a database that has people.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from portal.accounts.opening_accounts import open_account
from portal.core.dates import on_day
from portal.core.models import BodyDetails
from portal.core.sheets import read_text
from portal.demo.bookings import ACTOR, book_a_year, pay_what_was_due
from portal.demo.employer import bill_an_employer, credit_a_paid_invoice
from portal.demo.institute import found_the_institute
from portal.demo.people import ADA, PASSWORD, SAM, TO_TRY, unverified_csv, verified_csv
from portal.demo.programme import programme_csv
from portal.events.importing_events.columns import COLUMNS as EVENT_COLUMNS
from portal.events.importing_events.importing import import_events
from portal.membership.importing_people.columns import COLUMNS as PEOPLE_COLUMNS
from portal.membership.importing_people.importing import import_people
from portal.people.attaching_accounts import attach_person
from portal.people.models import Person
from portal.people.staffing import add_staff

Progress = Callable[[str, int, int], None]


class NotEmpty(Exception):
    """There are people or a body in the database: the demo institute is for an empty one."""

    def __init__(self) -> None:
        super().__init__(
            "This database is already in use, and the demo institute needs an empty one. Give "
            "another folder: make run DATA=var/demo"
        )


class NotLocal(Exception):
    """The demo people share a published password: the demo institute stays on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "The demo institute is only for http://localhost, because everybody knows its "
            f"password. PORTAL_URL is {settings.PORTAL_URL}."
        )


def is_empty() -> bool:
    """Nobody uses this database yet."""
    return not (Person.objects.exists() or BodyDetails.objects.exists())


def load_demo(*, at: datetime, progress: Progress) -> None:
    """Found the institute and let a year go by: all of it, or nothing.

    Raises NotEmpty and NotLocal.
    """
    if not settings.LOCAL:
        raise NotLocal
    hashed = make_password(PASSWORD)
    with transaction.atomic():
        if not is_empty():
            raise NotEmpty
        found_the_institute()
        _import(at, progress)
        _open_accounts(hashed, at)
        book_a_year(at, lambda done, total: progress("Bookings", done, total))
        pay_what_was_due(at)
        bill_an_employer(at)
        credit_a_paid_invoice(at)


def _import(at: datetime, progress: Progress) -> None:
    today = on_day(at)
    for text, verified in ((verified_csv(today), True), (unverified_csv(today), False)):
        sheet = read_text(text, PEOPLE_COLUMNS, name="people.csv")
        import_people(sheet, actor=ACTOR, at=at, verified=verified)
    progress("People", 1, 1)
    sheet = read_text(programme_csv(today), EVENT_COLUMNS, name="events.csv")
    import_events(sheet, actor=ACTOR, at=at)
    progress("Events", 1, 1)


def _open_accounts(hashed: str, at: datetime) -> None:
    """Those to try it with have confirmed accounts; sam is staff, and ada an administrator."""
    for email in TO_TRY:
        attach_person(open_account(email, password_hash=hashed), at=at)
    add_staff(SAM, actor=ACTOR, at=at)
    add_staff(ADA, actor=ACTOR, at=at, may_do_all=True)
