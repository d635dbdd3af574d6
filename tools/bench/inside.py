"""What is measured or prepared inside the portal: run in a process of its own, answers in JSON.

`python -m tools.bench.inside sessions 64`, `… accounts 20 PASSWORD`, `… event CODE PLACES`,
`… queries CODE`, `… upcoming 2000`, `… pdf`, `… credit_act 30`, `… credit_pdf`.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tools.bench.settings")


def sessions(count: str) -> list[str]:
    """Session keys of so many demo people, each signed in with an account."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import transaction

    from portal.accounts.models import User
    from portal.people.models import Person

    keys = []
    with transaction.atomic():
        for person in Person.objects.exclude(email="").order_by("pk")[: int(count)]:
            if person.user is None:
                person.user = User.objects.create(email=person.email)
                person.save()
            session = SessionStore()
            session[SESSION_KEY] = str(person.user.pk)
            session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
            session[HASH_SESSION_KEY] = person.user.get_session_auth_hash()
            session.create()
            keys.append(session.session_key)
    return keys


def accounts(count: str, password: str) -> list[str]:
    """The addresses of so many demo people, each with a confirmed account and this password."""
    from django.contrib.auth.hashers import make_password
    from django.db import transaction
    from django.utils import timezone

    from portal.accounts.opening_accounts import open_account
    from portal.people.attaching_accounts import attach_person
    from portal.people.models import Person

    hashed, emails = make_password(password), []
    with transaction.atomic():
        for person in Person.objects.exclude(email="").order_by("-pk")[: int(count)]:
            attach_person(open_account(person.email, password_hash=hashed), at=timezone.now())
            emails.append(person.email)
    return emails


def event(code: str, places: str) -> str:
    """The code of a new course with one option for anybody; "" places: without limit."""
    from django.utils import timezone

    from portal.core.money import Money
    from portal.events.models import Audience, Event, RegistrationOption
    from portal.events.scheduling import set_sessions

    starts = timezone.now() + timedelta(days=30)
    made = Event.objects.create(
        code=code,
        title="Measured course",
        kind="training",
        starts=starts,
        ends=starts + timedelta(hours=6),
        place="Leeds",
        overview="What is *measured*, and **how**.",
    )
    set_sessions(made, [])
    RegistrationOption.objects.create(
        event=made,
        name="Place",
        price=Money(9000),
        audience=Audience.ANYONE,
        places=int(places) if places else None,
    )
    return code


def places_taken(code: str) -> dict[str, int]:
    """How many registrations and invoices an event has led to."""
    from portal.events.models import Registration

    found = Registration.objects.taking_a_place().filter(event__code=code)
    invoices = found.values("order__invoice").distinct().count()
    return {"registrations": found.count(), "invoices": invoices}


def queries(code: str) -> dict[str, int]:
    """How many queries the event page and the Activity page take, signed in."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from portal.people.models import Person

    settings.ALLOWED_HOSTS.append("testserver")
    client = Client()
    client.force_login(Person.objects.get(email="alice@example.org").user)
    counted = {}
    for name, path in (
        ("event", f"/training-and-events/{code}/"),
        ("activity", "/account/activity/"),
    ):
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200, path
        counted[name] = len(captured)
    return counted


def upcoming(count: str) -> int:
    """How many events the list has, once it is made to have so many.

    Those that are made come last, and those too many are put into the past from the end: the first
    page of the list stays the same.
    """
    from django.db import transaction
    from django.utils import timezone

    from portal.events.models import Event

    found, years = Event.objects.upcoming(timezone.now()), timedelta(days=1000)
    with transaction.atomic():
        for one in found[int(count) :]:
            _moved(one, -years)
        for number in range(found.count(), int(count)):
            _moved(Event.objects.get(code=event(f"listed-{number}", "40")), years)
    return found.count()


def _moved(event: Any, by: timedelta) -> None:
    event.starts, event.ends = event.starts + by, event.ends + by
    event.save(update_fields=["starts", "ends"])


def pdf() -> dict[str, float]:
    """Milliseconds that the PDF of an invoice takes, and bare typst on the same document."""
    from portal.billing import invoice_documents, purchase_orders
    from portal.billing.models import Invoice
    from portal.core.dates import today

    newest = Invoice.objects.with_balance().order_by("pk").last()
    assert newest is not None
    content = invoice_documents.data(
        newest,
        lines=list(newest.lines.all()),
        purchase_order=purchase_orders.number_of(newest),
        on=today(),
    )

    def ours(number: str) -> bytes:
        invoice = Invoice.objects.with_balance().get(pk=newest.pk)
        invoice.number = number
        return invoice_documents.pdf(invoice, on=today())

    return _beside_typst(invoice_documents.TEMPLATE, content, newest.issued_at, ours)


def credit_act(count: str) -> float:
    """Milliseconds of processor time for a credit note of a whole invoice, after one to warm up."""
    from django.utils import timezone

    from portal.billing.crediting import issue_credit_note
    from portal.billing.models import Invoice
    from portal.people.models import Person

    actor = Person.objects.get(email="sam@example.org").user
    taken = []
    for invoice in Invoice.objects.filter(credit_notes=None).order_by("pk")[: int(count) + 1]:
        begun = time.process_time()
        issue_credit_note(invoice, reason="Measured", actor=actor, at=timezone.now())
        taken.append((time.process_time() - begun) * 1000)
    return statistics.median(taken[1:])


def credit_pdf() -> dict[str, float]:
    """As `pdf`, of the newest credit note."""
    from portal.billing import credit_note_documents as documents
    from portal.billing.models import CreditNote

    newest = CreditNote.objects.order_by("pk").last()
    assert newest is not None
    content = documents.data(
        newest, lines=list(newest.lines.all()), used=documents.used_at_issue(newest)
    )

    def ours(number: str) -> bytes:
        note = CreditNote.objects.get(pk=newest.pk)
        note.number = number
        return documents.pdf(note)

    return _beside_typst(documents.TEMPLATE, content, newest.issued_at, ours)


def _beside_typst(
    template: str, content: dict[str, Any], issued_at: datetime, ours: Callable[[str], bytes]
) -> dict[str, float]:
    """Median milliseconds of `ours` and of typst alone, in turn.

    Each is another document by its number: typst remembers one that it has just set.
    """
    import typst

    from portal.core.documents import rendering

    compiler = typst.Compiler(
        str(rendering.TEMPLATES / template),
        root=str(rendering.TEMPLATES),
        font_paths=[str(rendering.HERE / "fonts")],
        ignore_system_fonts=True,
    )

    def bare(number: str) -> bytes:
        made: bytes = compiler.compile(
            format="pdf",
            sys_inputs={"data": json.dumps(content | {"number": number})},
            pdf_standards=rendering.STANDARDS,
            timestamp=int(issued_at.timestamp()),
        )
        return made

    assert bare("000000") == ours("000000")
    taken: dict[str, list[float]] = {"bare": [], "ours": []}
    for number in range(1, 41):
        for name, make in (("bare", bare), ("ours", ours)):
            begun = time.perf_counter()
            make(f"{name[0]}{number:05d}")
            taken[name].append((time.perf_counter() - begun) * 1000)
    return {name: statistics.median(times) for name, times in taken.items()}


def main(words: list[str]) -> Any:
    import django

    django.setup()
    known = (
        sessions,
        accounts,
        event,
        places_taken,
        queries,
        upcoming,
        pdf,
        credit_act,
        credit_pdf,
    )
    commands = {function.__name__: function for function in known}
    return commands[words[0]](*words[1:])


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))
