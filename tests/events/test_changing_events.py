"""The registered are told of a new time, room or joining link, once, with a newer calendar file."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from portal.core.dates import LONDON
from portal.core.mail.words import words_of
from portal.core.models import HistoryEntry, OutgoingMail
from portal.core.rows.locking import lock_one
from portal.events import changing_events
from portal.events.changing_events import QUIET_FOR, NotPostponed, postpone, revise, tell_of_changes
from portal.events.models import ChangeNotice, Event, Registration, Session
from portal.events.scheduling import follow_sessions
from tests import factories
from tests.events.acts import hold, order, submit
from tests.events.test_admin import address, form_of
from tests.events.test_importing import COURSE, run

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def option():
    starts = timezone.now().replace(second=0, microsecond=0) + timedelta(days=60)
    return factories.option(factories.event(starts=starts, place="Leeds"))


def change(event, at=None, **changed):
    with transaction.atomic():
        now = lock_one(Event.objects.filter(pk=event.pk))
        for name, value in changed.items():
            setattr(now, name, value)
        revise(now, at=at or timezone.now())


def told(at=None):
    """The mails that the job then writes."""
    tell_of_changes(at=at or timezone.now() + QUIET_FOR)
    return list(OutgoingMail.objects.filter(kind="changed").order_by("pk"))


def of_calendar(mail, name):
    return re.search(rf"^{name}:(.*?)\r?$", mail.calendar, re.M)[1]


def test_who_has_one_name_is_greeted_by_it(option, alice):
    alice.first_name = ""
    alice.save()
    order(option, by=alice)

    change(option.event, place="York")
    (mail,) = told()

    words = words_of(mail)
    assert f"\n\nDear {alice.last_name},\n" in words.text
    assert f"<p>Dear {alice.last_name},</p>" in words.html


def test_a_new_room_is_mailed_to_each_of_the_registered(option, alice, bob, charlie):
    order(option, by=alice)
    order(option, by=bob)
    hold(option, charlie)
    before = OutgoingMail.objects.filter(kind="order").first()

    change(option.event, place="York", online_link="https://meet.example.org/x")
    mails = told()

    assert [mail.to for mail in mails] == [alice.email, bob.email]
    words = words_of(mails[0])
    assert (
        "Where: York\nWhere before: Leeds\nJoining link: https://meet.example.org/x" in words.text
    )
    assert "York" in words.html
    assert mails[0].subject.startswith("Changed: Debt relief orders, ")
    assert of_calendar(mails[0], "UID") == of_calendar(before, "UID")
    assert (of_calendar(before, "SEQUENCE"), of_calendar(mails[0], "SEQUENCE")) == ("0", "1")
    assert of_calendar(mails[0], "METHOD") == "PUBLISH"
    assert of_calendar(mails[0], "LOCATION") == "York"
    assert not ChangeNotice.objects.exists()
    assert told() == mails


def test_several_changes_within_minutes_are_one_mail(option, alice):
    order(option, by=alice)
    at = timezone.now()
    change(option.event, at=at, place="York")
    change(option.event, at=at + 4 * MINUTE, place="Hull")

    assert told(at + 8 * MINUTE) == []
    (mail,) = told(at + 4 * MINUTE + QUIET_FOR)

    assert "Where: Hull\nWhere before: Leeds" in words_of(mail).text
    assert of_calendar(mail, "SEQUENCE") == "2"


def test_what_was_changed_back_is_not_told(option, alice):
    order(option, by=alice)
    change(option.event, place="York")
    change(option.event, place="Leeds")

    assert told() == []
    assert not ChangeNotice.objects.exists()


@pytest.mark.parametrize("name", ["overview", "cpd_category", "title"])
def test_of_what_nobody_relies_on_nobody_is_told(option, alice, name):
    order(option, by=alice)
    change(option.event, **{name: "Another"})

    assert told() == []


def test_nobody_is_told_where_nobody_is_registered_or_it_is_over(option, alice):
    change(option.event, place="York")
    assert not ChangeNotice.objects.exists()
    order(option, by=alice)
    change(option.event, place="Hull")

    assert told(option.event.ends) == []
    change(option.event, at=option.event.ends, place="Hove")
    assert not ChangeNotice.objects.exists()


def test_whose_registration_has_ended_is_not_told(option, alice, bob):
    order(option, by=alice)
    order(option, by=bob)
    ended = {"cancelled_by": "Sam", "cancelled_because": "Ill"}
    Registration.objects.filter(attendee=bob).update(cancelled_at=timezone.now(), **ended)
    change(option.event, place="York")

    assert [mail.to for mail in told()] == [alice.email]


def test_a_kill_between_change_and_mail_loses_nothing(option, alice, bob, monkeypatch):
    """All of the mails of an event are written, or none."""
    for who in (alice, bob):
        order(option, by=who)
    change(option.event, place="York")
    real, calls = changing_events.emails.event_changed, []

    def killed(*given, **named):
        calls.append(given)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*given, **named)

    monkeypatch.setattr(changing_events.emails, "event_changed", killed)
    with pytest.raises(KeyboardInterrupt):
        told()
    assert not OutgoingMail.objects.filter(kind="changed").exists()
    monkeypatch.setattr(changing_events.emails, "event_changed", real)

    assert len(told()) == 2


def test_the_import_tells_too(alice):
    run(COURSE, at=datetime(2026, 11, 20, 10, tzinfo=LONDON))
    order(Event.objects.get().options.get(), by=alice)

    run({**COURSE, "place": "York"}, at=datetime(2026, 11, 24, 10, tzinfo=LONDON))

    assert ChangeNotice.objects.get().before["Where"] == "Carriageworks, Leeds"
    run({**COURSE, "place": "York"}, at=datetime(2026, 11, 24, 11, tzinfo=LONDON))
    assert ChangeNotice.objects.get().changed_at.hour == 10


def test_the_office_tells_too(option, alice, client_of, sam):
    order(option, by=alice)

    client_of(sam).post(address(option.event), form_of(option.event, place="York"))

    assert [words_of(mail).text.count("Where: York") for mail in told()] == [1]


def test_a_message_without_a_postponement_is_not_lost(option, alice, client_of, sam):
    order(option, by=alice)
    form = form_of(option.event, place="York", words="The room has a leak.")

    page = client_of(sam).post(address(option.event), form)

    assert page.status_code == 200
    assert "Your message is sent only with a postponement" in page.text
    assert "The room has a leak." in page.text
    assert Event.objects.get().place == "Leeds"
    assert told() == []


def test_an_end_before_the_start_is_told_in_words(option, client_of, sam):
    starts = option.event.starts.astimezone(LONDON)
    form = form_of(option.event, ends_0=f"{starts:%Y-%m-%d}", ends_1="00:00")

    page = client_of(sam).post(address(option.event), form)

    assert "The event must end after it starts." in page.text
    assert "Constraint" not in page.text


def test_a_new_room_of_one_session_is_told_too(option, alice, client_of, sam):
    event = option.event
    event.sessions.all().delete()
    half = event.starts + timedelta(hours=3)
    event.sessions.create(name="Morning", starts=event.starts, ends=half)
    last = event.sessions.create(name="Afternoon", starts=half, ends=event.ends)
    order(option, by=alice)
    data = {"sessions-TOTAL_FORMS": 2, "sessions-INITIAL_FORMS": 2}
    for number, session in enumerate(event.sessions.all()):
        data |= {f"sessions-{number}-{name}": getattr(session, name) for name in ("id", "name")}
        data[f"sessions-{number}-event"] = event.pk
        data[f"sessions-{number}-place"] = "Room 7" if session == last else ""
        for end in ("starts", "ends"):
            moment = getattr(session, end).astimezone(LONDON)
            data[f"sessions-{number}-{end}_0"] = f"{moment:%Y-%m-%d}"
            data[f"sessions-{number}-{end}_1"] = f"{moment:%H:%M}"

    answer = client_of(sam).post(address(event), form_of(event, **data))

    assert answer.status_code == 302
    (mail,) = told()
    assert ", Room 7\nSessions before: Morning, " in words_of(mail).text
    assert of_calendar(mail, "SEQUENCE") == "1"


class TestPostponing:
    def moved(self, event):
        return {name: getattr(event, name) + timedelta(days=7) for name in ("starts", "ends")}

    def test_it_is_a_deliberate_act_with_words_of_its_own(self, option, alice, client_of, sam):
        order(option, by=alice)
        event, office = option.event, client_of(sam)
        later = self.moved(event)

        refused = office.post(address(event), form_of(event, **later))
        assert "The start cannot be changed once somebody has booked" in refused.text
        words = {"postpones": "on", "words": "The trainer is ill."}
        answer = office.post(address(event), form_of(event, **later, **words))

        assert answer.status_code == 302
        event.refresh_from_db()
        assert (event.starts, event.ends) == (later["starts"], later["ends"])
        assert event.sessions.get().starts == event.starts
        (mail,) = told()
        text = words_of(mail).text
        assert mail.subject.startswith("Postponed: Debt relief orders, ")
        assert "has been postponed. We have kept your place." in text
        assert "The trainer is ill." in text
        assert f"When: {event.when}\nWhen before: " in text
        assert of_calendar(mail, "SEQUENCE") == "1"
        assert HistoryEntry.objects.get(act="postponed").detail["words"] == "The trainer is ill."

    def test_its_days_move_with_it(self, option):
        event = option.event
        event.sessions.all().delete()
        half = event.starts + timedelta(hours=3)
        event.sessions.create(name="Morning", starts=event.starts, ends=half)
        event.sessions.create(name="Afternoon", starts=half, ends=event.ends)
        for name, value in self.moved(event).items():
            setattr(event, name, value)

        with transaction.atomic():
            postpone(event, words="", actor="office", at=timezone.now())

        first, second = event.sessions.all()
        assert (first.starts, second.ends) == (event.starts, event.ends)

    def test_not_without_new_times_nor_into_the_past(self, option):
        event = option.event
        with pytest.raises(NotPostponed, match=r"^Enter the new times"):
            postpone(event, words="", actor="office", at=timezone.now())
        event.starts = timezone.now() - timedelta(days=1)
        with pytest.raises(
            NotPostponed, match=r"^You can only postpone an event that has not begun"
        ):
            postpone(event, words="", actor="office", at=timezone.now())
        assert Event.objects.get().starts != event.starts


def test_the_entry_in_a_calendar_is_the_same_whatever_address(option, alice, settings, client_of):
    registration = order(option, by=alice).registrations.get()
    page = f"/registrations/{registration.pk}/event.ics"
    browser = client_of(alice)

    def uid():
        return re.search(r"UID:(\S+)", browser.get(page).content.decode())[1]

    before = uid()
    settings.PORTAL_URL = "https://members.example.org"
    assert uid() == before == registration.calendar_uid


def test_what_calendars_know_already_stays(transactional_db, settings):
    """The entries of files sent before have a name of the portal's address of then."""
    settings.PORTAL_URL = "https://portal.example.org"
    call_command("migrate", "events", "0009", verbosity=0)
    state = MigrationExecutor(connection).loader.project_state(("events", "0009_registrations_end"))
    old = state.apps.get_model
    person = factories.person("Nora", "New", has_account=False).pk
    at = timezone.now()
    event = old("events", "Event").objects.create(
        code="e", title="E", kind="training", starts=at, ends=at + MINUTE
    )
    option = old("events", "RegistrationOption").objects.create(
        event=event, name="P", price=0, audience="anyone"
    )
    keys = []
    for number in range(2):
        basket = old("events", "Basket").objects.create(
            owner_id=person, held_since=at, expires_at=at, closed_at=at
        )
        placed = old("events", "Order").objects.create(
            basket=basket, booked_by_id=person, placed_at=at
        )
        attendee = factories.person(f"A{number}", has_account=False).pk
        made = old("events", "Registration").objects.create(
            order=placed, attendee_id=attendee, event=event, option=option, net=0,
            registered_at=at, agreed_terms="",
        )  # fmt: skip
        keys.append(made.pk)
    call_command("migrate", "events", verbosity=0)

    uids = Registration.objects.order_by("pk").values_list("calendar_uid", flat=True)
    assert list(uids) == [f"registration-{key}@portal.example.org" for key in keys]


def postponed(event, starts, ends):
    with transaction.atomic():
        now = lock_one(Event.objects.filter(pk=event.pk))
        now.starts, now.ends = starts, ends
        postpone(now, words="", actor="Sam", at=timezone.now())
        follow_sessions(now)
    return Event.objects.get(pk=event.pk)


def on_the_wall(event):
    return [
        (f"{one.starts.astimezone(LONDON):%d %b %H:%M}", f"{one.ends.astimezone(LONDON):%H:%M}")
        for one in event.sessions.all()
    ]


@pytest.mark.parametrize(
    ("first", "later", "days"),
    [
        ((2027, 10, 30), (2027, 11, 6), ["06 Nov", "07 Nov"]),  # the second day had 25 hours
        ((2027, 3, 27), (2027, 4, 3), ["03 Apr", "04 Apr"]),  # the second day had 23
        ((2027, 10, 23), (2027, 10, 30), ["30 Oct", "31 Oct"]),  # the second day will have 25
    ],
)
def test_sessions_keep_their_hours_across_a_clock_change(first, later, days):
    starts = datetime(*first, 10, tzinfo=LONDON)
    event = factories.event(starts=starts, ends=starts + timedelta(days=1, hours=6))
    for number in (0, 1):
        day = starts + timedelta(days=number)  # by the clock on the wall
        Session.objects.create(
            event=event, name=f"Day {number}", starts=day, ends=day + timedelta(hours=6)
        )

    moved = datetime(*later, 10, tzinfo=LONDON)
    after = postponed(event, moved, moved + timedelta(days=1, hours=6))

    assert on_the_wall(after) == [(f"{day} 10:00", "16:00") for day in days]
    assert after.ends == max(session.ends for session in after.sessions.all())


def test_where_sessions_say_when_it_ends_another_end_alone_postpones_nothing(alice):
    starts = timezone.now().replace(microsecond=0) + timedelta(days=60)
    event = factories.event(starts=starts, ends=starts + timedelta(hours=6))
    for number in (0, 1):
        begins = starts + timedelta(hours=3 * number)
        Session.objects.create(
            event=event, name=f"Part {number}", starts=begins, ends=begins + timedelta(hours=3)
        )
    order(factories.option(event), by=alice)

    with pytest.raises(NotPostponed, match="Enter the new start: the sessions move with it"):
        postponed(event, starts, starts + timedelta(hours=9))

    assert told() == []
    # Whatever end is given with a new start, the event ends with its last session.
    after = postponed(event, starts + timedelta(days=7), starts + timedelta(days=9))
    assert after.ends == starts + timedelta(days=7, hours=6)
    (mail,) = told()
    assert f"When: {after.when}" in words_of(mail).text


@pytest.mark.parametrize(("place", "uk_time"), [("Leeds", ""), ("", " (UK time)")])
def test_whoever_comes_on_one_day_is_told_of_that_day(alice, bob, place, uk_time):
    starts = datetime(2027, 5, 13, 10, tzinfo=LONDON)
    event = factories.event(starts=starts, ends=starts + timedelta(days=1, hours=6), place=place)
    days = [
        Session.objects.create(
            event=event,
            name=f"Day {number}",
            starts=starts + timedelta(days=number - 1),
            ends=starts + timedelta(days=number - 1, hours=6),
        )
        for number in (1, 2)
    ]
    follow_sessions(event)
    one_day = factories.option(event, "One day")
    one_day.choose = 1
    one_day.save()
    submit(hold(one_day, alice, sessions=[days[1].pk]))
    order(factories.option(event, "Both days"), by=bob)

    postponed(event, starts + timedelta(days=7), starts + timedelta(days=8))
    alices, bobs = told()

    text = words_of(alices).text
    assert (
        f"When: Day 2, Friday 21 May 2027, 10am\u00a0to\u00a04pm{uk_time}\n"
        f"When before: Day 2, Friday 14 May 2027, 10am\u00a0to\u00a04pm{uk_time}\n"
    ) in text
    assert "Day 1" not in text
    assert alices.subject.endswith(", 21 May 2027")
    assert "Sessions: Day 1, Thursday 20 May 2027" in words_of(bobs).text
    assert bobs.subject.endswith(", 20 May 2027")
