"""The demo institute: believable, the same each time, and never beside real people."""

import csv
import io
from datetime import date, datetime, timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from portal.billing.models import Invoice
from portal.core.body.details import the_body
from portal.core.dates import LONDON
from portal.core.models import Body, BodyDetails, OutgoingMail
from portal.demo.loading import NotEmpty, load_demo
from portal.demo.people import ALICE, BOB, CHARLIE, SAM, unverified_csv, verified_csv
from portal.demo.programme import programme_csv
from portal.events.models import Event, Kind, Order, Registration
from portal.membership.standing import standing
from portal.organisations.models import Affiliation, Organisation
from portal.people.models import Person

pytestmark = pytest.mark.long

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=LONDON)


@pytest.fixture
def nothing(db):
    """A database as `portal setup` leaves it."""
    for model in (BodyDetails, Body):
        model.objects.all().delete()


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_the_files_are_the_same_each_time_and_all_addresses_are_reserved():
    people = rows(verified_csv(TODAY)) + rows(unverified_csv(TODAY))

    assert verified_csv(TODAY) == verified_csv(TODAY)
    assert programme_csv(TODAY) == programme_csv(TODAY)
    assert len(people) == len({row["email"] for row in people}) == 300
    assert {row["email"].rpartition("@")[2] for row in people} == {"example.org"}
    assert len({row["organisation"] for row in people} - {""}) == 40


@pytest.mark.parametrize("today", [date(2028, 2, 29), date(2027, 1, 1), date(2027, 8, 15)])
def test_any_day_has_a_year_behind_it_and_months_ahead(today):
    days = [row["starts"][:10] for row in rows(programme_csv(today))]

    assert min(days) <= str(today - timedelta(days=330))
    assert max(days) >= str(today + timedelta(days=180))
    assert {row["kind"] for row in rows(programme_csv(today))} == set(Kind.values)


@pytest.mark.skipif(
    not settings.SQLITE, reason="the demo is for the embedded database; its acts are tested on both"
)
def test_a_year_of_the_institute(nothing, mailoutbox):
    load_demo(at=NOW, progress=lambda *_: None)

    assert Person.objects.count() == 300
    assert Organisation.objects.count() == 40
    assert {event.kind for event in Event.objects.all()} == set(Kind.values)
    assert Event.objects.upcoming(NOW).exists()
    assert Event.objects.filter(ends__lt=NOW).exists()
    assert Order.objects.count() > 200
    numbers = sorted(Invoice.objects.values_list("sequence", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert Invoice.objects.open().exists()
    assert Invoice.objects.settled().exists()
    assert the_body().is_demo
    assert not the_body().body.staff_second_step
    assert OutgoingMail.objects.exists()
    assert mailoutbox == []
    check_the_four()
    with pytest.raises(NotEmpty):
        load_demo(at=NOW, progress=lambda *_: None)


def check_the_four():
    alice, bob, charlie, sam = (Person.objects.get(email=e) for e in (ALICE, BOB, CHARLIE, SAM))
    assert standing(alice, TODAY).category.name == "Accredited"
    assert alice.qualifications.get().name == "CertMAP"
    shared = Affiliation.objects.running(TODAY).verified().get(person=alice).organisation
    assert Affiliation.objects.running(TODAY).verified().get(person=bob).organisation == shared
    assert not standing(charlie, TODAY).is_current
    assert not Affiliation.objects.verified().filter(person=charlie).exists()
    assert sam.user.is_staff
    assert not alice.user.is_staff
    assert Invoice.objects.for_person(alice).open().exists()
    assert Registration.objects.for_attendee(alice).upcoming(NOW).exists()
    assert Registration.objects.for_attendee(alice).filter(event__ends__lte=NOW).exists()


def test_a_database_in_use_is_left_alone(alice):
    before = Person.objects.count()

    with pytest.raises(CommandError, match="already in use") as caught:
        call_command("demo")

    assert caught.value.returncode == 2
    assert Person.objects.count() == before
    call_command("demo", if_empty=True)
    assert Person.objects.count() == before


def test_the_demo_stays_on_this_machine(nothing, settings):
    settings.LOCAL = False

    with pytest.raises(CommandError, match="only for http://localhost") as caught:
        call_command("demo")

    assert caught.value.returncode == 2
    assert not BodyDetails.objects.exists()
