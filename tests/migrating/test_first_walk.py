"""An update of a portal from the first walk: what was right then is said unchanged.

`first_walk/` has every row that the first walk's demo kept, and what its pages and PDFs said on
one day. The rows are put into a database of their own, migrated by today's migrations and asked on
the same day: pages by their facts, documents word by word. A difference that is right is named
here, with its reason; one that is not named fails. README.md says how both were made.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import DatabaseError, connection, transaction
from django.test import Client
from pypdf import PdfReader

from portal.accounts.models import User
from portal.billing import invoice_documents
from portal.billing.models import Allocation, BillingAccount, Invoice, InvoiceSeries
from portal.core.dates import on_day
from portal.core.documents.rendering import content_of
from portal.core.models import Document
from portal.core.text.comparing import as_number, as_words
from portal.events.models import Event, Session
from portal.membership.models import ImportedPerson, Membership
from portal.organisations.models import Affiliation, Organisation
from portal.people.models import Person
from tests.accounts.test_sign_in import sign_in
from tests.migrating.copying import kept
from tests.migrating.facts import Fact, differences, facts
from tests.migrating.odd_rows import POSTED
from tests.migrating.reading import Page
from tests.migrating.updating import Update, rows, updated

pytestmark = [pytest.mark.django_db, pytest.mark.long]

COPY, SAID = kept("copy"), kept("said")
AT = datetime.fromisoformat(SAID["at"])

# Facts of pages that are right to differ: address (a pattern), "lost" or "new", kind of fact, what
# it says (a pattern), reason.
ACTIVITY, LIST, EVENT = "/account/activity/", "/training-and-events/", "/training-and-events/.+/"
PAGES_DIFFER: list[tuple[str, str, str, str, str]] = [
    (ACTIVITY, "new", "number", r"ORD-\d{6}", "each row leads to its order"),
    (LIST, "lost", "money", r"£[\d.]+", "whoever is signed in sees their own price alone"),
    (LIST, "lost", "name", "Member", "and not whose price it is"),
    (f"{LIST}|{EVENT}", "lost", "state", "Available", "a badge is for what is scarce or over"),
    (EVENT, "lost", "state", r"\d places left", "of an option that is not for them"),
    ("/invoices/.+", "new", "money", r"−£[\d.]+", "what came off the total has its sign"),
]
# Words of documents that are right to differ: what was said (a pattern), what is said, reason.
DOCUMENTS_DIFFER: list[tuple[str, str, str]] = []
# Columns whose kept values an update changes, and tables that it empties or does away with.
ROWS_DIFFER = {
    "auth_permission.*": "made anew by Django for the models that there are",
    "django_content_type.*": "made anew by Django for the models that there are",
    "django_migrations.*": "what has been migrated",
}
# What tells one kind of document from another: of each kind some are set anew.
KINDS = re.compile(
    r"Purchase order number|now: it was due|Nothing more to pay|Page \d of \d|VAT at \d+%|Paid −"
)
OF_EACH_KIND = 2


@pytest.fixture(scope="module")
def update(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Update]:
    """The portal is the copy, updated, on the day that it is of."""
    folder = tmp_path_factory.mktemp("first-walk")
    with (
        django_db_blocker.unblock(),
        time_machine.travel(AT, tick=False),
        updated(folder, COPY) as made,
    ):
        yield made


# --- Rows -----------------------------------------------------------------------------------------
def test_every_row_is_kept_as_it_was(update: Update) -> None:
    after, differ = rows(), set()
    for table, of in update.rows.items():
        kept_rows = after.get(table, {})
        differ |= {f"{table}.*" for key in of if key not in kept_rows}
        for key in of.keys() & kept_rows.keys():
            row = kept_rows[key]
            same = [name for name in of[key] if name in row]
            differ |= {f"{table}.{name}" for name in same if row[name] != of[key][name]}

    unnamed = {one for one in differ if not {one, f"{one.partition('.')[0]}.*"} & set(ROWS_DIFFER)}
    assert unnamed == set()
    assert sum(len(of) for of in update.rows.values()) > 5000


# --- Pages ----------------------------------------------------------------------------------------
def column(table: str, *names: str) -> list[str]:
    """The values of some columns, with spaces between them."""
    columns, of = COPY["rows"][table]
    places = [columns.index(name) for name in names]
    return [" ".join(row[place] for place in places).strip() for row in of]


NAMES = {
    name
    for name in (
        *column("people_person", "first_name", "last_name"),
        *column("people_address", "line_1"),
        *column("people_address", "town"),
        *column("people_address", "postcode"),
        *column("people_phone", "number"),
        *column("organisations_organisation", "name"),
        *column("events_event", "title"),
        *column("events_event", "place"),
        *column("events_event", "online_link"),
        *column("events_registrationoption", "name"),
        *column("membership_qualification", "name"),
    )
    if len(name) > 3
}


def browser_of(who: str) -> Client:
    """One of the cast's, signed in; a visitor's for nobody."""
    client = Client(headers={"host": "localhost"})
    if who:
        client.force_login(User.objects.get(email=f"{who}@example.org"))
    return client


def ask(client: Client, address: str) -> tuple[int, str, list[str]]:
    """The status, the words and the links of a page of the portal as it is."""
    answer = client.get(address)
    if not answer["Content-Type"].startswith("text/html"):
        text = answer.text if answer["Content-Type"].startswith("text/") else ""
        return answer.status_code, text, []
    page = Page(answer.text)
    return answer.status_code, page.text, page.links


def some_of_each_sort(links: list[str]) -> list[str]:
    """Two of each first part, such as /invoices/."""
    of: dict[str, list[str]] = {}
    for link in links:
        of.setdefault(link.split("/")[1], []).append(link)
    return [link for some in of.values() for link in some[:2]]


def is_named(address: str, differs: tuple[str, Fact]) -> bool:
    sort, (kind, said) = differs
    return any(
        re.fullmatch(where, address) and (sort, kind) == (named, of) and re.fullmatch(pattern, said)
        for where, named, of, pattern, _ in PAGES_DIFFER
    )


@pytest.mark.parametrize("who", ["alice", "bob", "charlie", "sam", ""])
def test_every_page_says_the_same(update: Update, who: str) -> None:
    client, pages = browser_of(who), [page for page in SAID["pages"] if page["who"] == who]
    unnamed, lead = [], set()
    for page in pages:
        status, text, links = ask(client, page["address"])
        if page["address"].endswith(".ics"):
            assert text == page["text"], page["address"]
        said = facts(page["text"], NAMES, page["links"])
        found = differences(said, facts(text, NAMES, links))
        unnamed += [(page["address"], one) for one in found if not is_named(page["address"], one)]
        unnamed += [(page["address"], status)] if status != page["status"] else []
        lead |= {link.partition("#")[0] for link in links if link.startswith("/")}
    asked = some_of_each_sort(sorted(lead - {page["address"] for page in pages}))
    broken = [link for link in asked if ask(client, link)[0] not in {200, 302}]

    assert unnamed == []
    assert broken == []
    assert len(pages) > 4


def test_what_differs_is_told(update: Update) -> None:
    """One penny, one day, one person, one place to go: each is a difference."""
    [page] = [p for p in SAID["pages"] if p["address"] == "/invoices/000177/"]
    said = facts(page["text"], NAMES, page["links"])
    for old, new in (
        ("£156.00", "£156.01"),
        ("8 October 2026", "9 October 2026"),
        ("Alice Archer", "Alice Arrow"),
        ("Overdue", "Due"),
        ("DIMA-000177", "DIMA-000178"),
    ):
        assert old in page["text"]
        other = facts(page["text"].replace(old, new), NAMES, page["links"])
        assert differences(said, other) != [], old
    assert differences(said, facts(page["text"], NAMES)) == sorted(
        ("lost", ("link", link)) for link in page["links"]
    )


# --- Documents ------------------------------------------------------------------------------------
def words(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def as_said_today(text: str) -> str:
    for pattern, now, _ in DOCUMENTS_DIFFER:
        text = re.sub(pattern, now, text)
    return text


def some_of_each_kind(texts: dict[str, str]) -> list[str]:
    """The names of the first documents of each kind."""
    kinds: dict[tuple[str, ...], list[str]] = {}
    for number, text in texts.items():
        kinds.setdefault(tuple(KINDS.findall(text)), []).append(number)
    assert len(kinds) > 1
    return [number for numbers in kinds.values() for number in numbers[:OF_EACH_KIND]]


def test_every_kind_of_document_has_the_same_words(update: Update) -> None:
    for number in some_of_each_kind(SAID["now"]):
        pdf = invoice_documents.pdf(Invoice.objects.get(number=number), on=on_day(AT))
        assert words(pdf) == as_said_today(SAID["now"][number]), number


def test_a_document_that_was_mailed_is_as_it_was_mailed(update: Update) -> None:
    """Its data was kept in the words of that time; today's template sets it."""
    for name in some_of_each_kind(SAID["mailed"]):
        pdf = content_of(Document.objects.get(filename=name))
        assert words(pdf) == as_said_today(SAID["mailed"][name]), name


def test_what_is_on_each_document_was_on_it(update: Update) -> None:
    """Of all of them, also of those that are not set anew."""
    invoices = Invoice.objects.order_by("sequence").prefetch_related("lines")
    assert [invoice.number for invoice in invoices] == sorted(SAID["now"])
    for invoice in invoices:
        said = " ".join(as_said_today(SAID["now"][invoice.number]).split())
        lines = list(invoice.lines.all())
        texts = [invoice.number, invoice.reference, str(invoice.gross), str(invoice.standing.owed)]
        texts += [*invoice.payer_lines, *(line.description for line in lines)]
        texts += [str(line.net) for line in lines]
        missing = [text for text in texts if " ".join(text.split()) not in said]
        assert missing == [], invoice.number


# --- Money ----------------------------------------------------------------------------------------
def test_each_invoice_is_on_the_account_of_its_payer(update: Update) -> None:
    payers = {row["id"]: row["payer_id"] for row in update.rows["billing_invoice"].values()}
    invoices = Invoice.objects.select_related("account__person")

    assert {one.pk: one.account.person_id for one in invoices} == payers
    people = BillingAccount.objects.values_list("person", flat=True)
    assert sorted(people) == sorted(set(payers.values()))
    assert len(payers) > len(set(payers.values())) > 100
    for person in Person.objects.filter(email__startswith="alice@"):
        of = [key for key, payer in payers.items() if payer == person.pk]
        assert sorted(Invoice.objects.for_person(person).values_list("pk", flat=True)) == of


def test_what_is_left_to_pay_is_as_it_was(update: Update) -> None:
    left = {row["id"]: row["net"] + row["vat"] for row in update.rows["billing_invoice"].values()}
    for row in update.rows["billing_allocation"].values():
        left[row["invoice_id"]] -= row["amount"]

    assert {one.pk: one.balance.pence for one in Invoice.objects.all()} == left
    assert Allocation.objects.count() == len(update.rows["billing_allocation"])
    assert len(set(left.values())) > 3


def test_the_next_number_follows_the_last(update: Update) -> None:
    [series] = update.rows["billing_invoiceseries"].values()
    assert InvoiceSeries.objects.get(pk=series["id"]).next_number == series["next_number"]
    assert series["next_number"] == len(update.rows["billing_invoice"]) + 1


def test_issued_rows_are_refused_as_before(update: Update) -> None:
    for table in ("invoice", "invoiceline", "payment", "allocation"):
        with connection.cursor() as cursor:
            cursor.execute(_triggers(), [f"billing_{table}_is_immutable"])
            assert cursor.fetchone() == (1,), table
    with (
        pytest.raises(DatabaseError, match="Issued rows do not change"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE billing_invoice SET payer_name = 'x'")


def _triggers() -> str:
    if connection.vendor == "postgresql":
        return "SELECT count(*) FROM pg_trigger WHERE tgname = %s"
    return "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name = %s"


# --- Events ---------------------------------------------------------------------------------------
def test_every_event_is_one_session(update: Update) -> None:
    events = Event.objects.values_list("pk", "starts", "ends")
    sessions = Session.objects.values_list("event", "starts", "ends")

    assert sorted(sessions) == sorted(events)
    assert set(Session.objects.values_list("name", flat=True)) == {""}
    assert len(events) == len(update.rows["events_event"])


# --- What an update sets right, or names ----------------------------------------------------------
def test_numbers_that_are_one_now_are_named_until_they_are_two(update: Update) -> None:
    assert "several people have one: M 1 and m1. Go back" in update.refused
    assert Membership.objects.get(pk=update.odd.twin).compared_number == "m3"


def test_forms_for_comparing_are_worked_out(update: Update) -> None:
    zoe = Person.objects.get(pk=update.odd.zoe)
    assert zoe.compared_name == as_words("Zoe Bronte")
    assert zoe.addresses.get().compared_postcode == as_number("d02x285")
    assert zoe.membership.compared_number == ImportedPerson.objects.get(person=zoe).key == "mem0123"


def test_organisations_of_one_name_are_one(update: Update) -> None:
    assert Organisation.objects.get(name__contains="Smith").pk == update.odd.kept
    assert Affiliation.objects.get(person=update.odd.zoe).organisation_id == update.odd.kept


def test_every_address_has_the_one_spelling(update: Update) -> None:
    assert User.objects.get(pk=update.odd.alone).email == f"berta@{POSTED}"
    assert EmailAddress.objects.get(user=update.odd.alone).email == f"berta@{POSTED}"
    assert Person.objects.get(pk=update.odd.person).email == f"berta@{POSTED}"
    assert Person.objects.get(pk=update.odd.zoe).email == ""


def test_both_of_two_that_are_one_mailbox_go_on(update: Update) -> None:
    older, newer = (User.objects.get(pk=key) for key in (update.odd.older, update.odd.newer))
    assert not User.objects.filter(pk=update.odd.squatted).exists()
    assert newer.email == f"anna@{POSTED}"
    assert older.email == f"anna+account-{older.pk}@{POSTED}"
    assert update.logged == [
        f"Accounts {newer.pk} and {older.pk} have the same address, {newer.email}. Account "
        f"{older.pk} signs in with {older.email} until the office closes one of them."
    ]
    for account in (older, newer):
        account.set_password("three quite new words")
        account.save()
        assert sign_in(Client(), account.email, "three quite new words")["Location"] == "/"
