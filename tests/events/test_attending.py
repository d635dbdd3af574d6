"""“One day” asks which day; record, calendar file and points follow."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from portal.core.dates import LONDON
from portal.core.mail.words import words_of
from portal.core.models import OutgoingMail
from portal.core.sheets import BadSheet, read_text
from portal.events.booking import BasketChanged
from portal.events.calendars import calendar_file
from portal.events.importing_events.columns import COLUMNS
from portal.events.importing_events.importing import import_events
from portal.events.models import Event, Hold, Registration, Session
from portal.events.order_review import review
from portal.events.refusals import SessionsNotOffered, WrongSessions
from tests import factories
from tests.events.acts import expire, hold, submit
from tests.events.test_importing import COURSE, csv_text
from tests.events.test_registering import field

pytestmark = pytest.mark.django_db
AT = datetime(2027, 1, 4, 10, tzinfo=LONDON)
CONFERENCE = {
    **COURSE,
    "code": "conference",
    "title": "Annual Conference",
    "kind": "conference",
    "starts": "2027-05-05 09:30",
    "ends": "2027-05-07 16:00",
    "sessions": "Day 1: 2027-05-05 09:30 to 17:00 (3 points); Day 2: 2027-05-06 09:00 to 17:00 "
    "(2.5); Day 3: 2027-05-07 09:00 to 16:00",
    "option": "All days",
}
ONE_DAY = {"code": "conference", "option": "One day", "price": "80", "audience": "anyone"}


def bring(*rows):
    return import_events(read_text(csv_text(*rows), COLUMNS, name="x.csv"), actor="office", at=AT)


@pytest.fixture
def conference(time_machine):
    time_machine.move_to(AT, tick=False)
    bring(
        CONFERENCE,
        {**ONE_DAY, "choose": "1"},
        {**ONE_DAY, "option": "First two", "covers": "Day 1; Day 2"},
    )
    return Event.objects.get()


def keys(event, *names):
    return [event.sessions.get(name=name).pk for name in names]


def book(who, event, *names, option="One day"):
    return submit(hold(event.options.get(name=option), who, sessions=keys(event, *names)))


def save(browser, event, sessions, option="One day"):
    page = f"/training-and-events/{event.code}/registration/"
    wording = field(browser.get(page).text, "wording")
    chosen = event.options.get(name=option).pk
    answers = {"option": chosen, "agree": "on", "wording": wording, "sessions": sessions}
    return browser.post(page, answers)


def test_an_event_begins_with_its_first_session_and_ends_with_its_last(conference):
    assert [(s.name, s.cpd_points) for s in conference.sessions.all()] == [
        ("Day 1", Decimal("3")),
        ("Day 2", Decimal("2.5")),
        ("Day 3", None),
    ]
    first, *_, last = conference.sessions.all()
    assert (conference.starts, conference.ends) == (first.starts, last.ends)


def test_the_form_asks_nothing_of_options_that_are_not_open_to_them(conference, client_of, alice):
    one_day = conference.options.get(name="One day")
    one_day.audience = "non-member"
    one_day.save()
    html = client_of(alice).get("/training-and-events/conference/registration/").text
    assert "One day" in html
    assert "Choose 1 for" not in html


def test_the_form_asks_which_day(conference, client_of, alice):
    browser = client_of(alice)
    html = browser.get("/training-and-events/conference/registration/").text
    assert "Choose 1 for “One day”." in html
    assert "Day 2, Thursday 6 May 2027, 9am" in html

    for chosen in ([], keys(conference, "Day 1", "Day 2")):
        refused = save(browser, conference, chosen)
        assert refused.text.count("Choose one session for “One day”") == 2
    assert "Choose sessions of this event" in save(browser, conference, ["999999"]).text
    assert not Hold.objects.exists()

    assert save(browser, conference, keys(conference, "Day 2")).status_code == 302
    assert Hold.objects.get().session_keys == keys(conference, "Day 2")
    for page in ("/basket/", "/checkout/"):
        assert "Day 2, Thursday 6 May 2027" in browser.get(page).text
    again = browser.get("/training-and-events/conference/registration/").text
    tag = re.search(rf'<input[^>]*value="{keys(conference, "Day 2")[0]}"[^>]*checked', again)
    assert tag


def test_the_act_refuses_what_the_option_does_not_cover(conference, alice):
    other = factories.event("other")
    for chosen in ([], [other.sessions.get().pk], keys(conference, "Day 1", "Day 3")):
        with pytest.raises(WrongSessions, match=r"^Choose one session for “One day”$"):
            hold(conference.options.get(name="One day"), alice, sessions=chosen)
    assert not Hold.objects.exists()


@pytest.mark.parametrize(
    ("option", "ticked", "covers"),
    [
        ("First two", ["Day 3"], "Day 1, Day 2"),
        ("First two", ["Day 1"], "Day 1, Day 2"),
        ("First two", ["Day 1", "Day 2", "Day 3"], "Day 1, Day 2"),
        ("All days", ["Day 2"], "Day 1, Day 2, Day 3"),
    ],
)
def test_what_was_ticked_beside_an_option_without_a_choice_is_not_dropped(
    conference, client_of, alice, option, ticked, covers
):
    chosen = keys(conference, *ticked)
    words = f"“{option}” is for {covers}. Tick no others and leave none of them out, or choose"

    page = save(client_of(alice), conference, chosen, option=option)

    assert page.status_code == 200
    assert page.text.count(words) == 2
    with pytest.raises(SessionsNotOffered, match=f"^{words} another option$"):
        hold(conference.options.get(name=option), alice, sessions=chosen)
    assert not Hold.objects.exists()


@pytest.mark.parametrize("ticked", [[], ["Day 1", "Day 2"]])
def test_all_or_none_of_what_is_covered_may_be_ticked(conference, client_of, alice, ticked):
    page = save(client_of(alice), conference, keys(conference, *ticked), option="First two")

    assert page.status_code == 302
    assert Hold.objects.get().session_keys == keys(conference, "Day 1", "Day 2")


def test_a_whole_place_is_not_ordered_once_its_option_covers_a_part(conference, alice):
    """The hold had expired, so the office could change what the option covers."""
    option = conference.options.get(name="All days")
    basket = expire(hold(option, alice))
    reviewed = review(basket, at=AT).fingerprint
    option.sessions.add(conference.sessions.get(name="Day 1"))

    with pytest.raises(WrongSessions, match="The sessions of “All days” have changed"):
        submit(basket, at=AT, reviewed=reviewed)


def test_the_invoice_and_the_mail_have_the_day_of_who_comes_on_one(conference, alice):
    placed = book(alice, conference, "Day 2")

    assert placed.invoice.lines.get().description == "Annual Conference, 6 May 2027"
    subject = OutgoingMail.objects.get(kind="order").subject
    assert subject == f"Order {placed.number}: Annual Conference, 6 May 2027"


def test_order_mail_calendar_and_record_follow(conference, client_of, alice, time_machine):
    placed = book(alice, conference, "Day 2")
    registration = placed.registrations.get()
    browser = client_of(alice)

    confirmation = words_of(OutgoingMail.objects.get(kind="order")).text
    calendar = browser.get(f"/registrations/{registration.pk}/event.ics").content.decode()

    assert "When: Day 2, Thursday 6 May 2027, 9am\u00a0to\u00a05pm" in confirmation
    assert "DTSTART:20270506T080000Z" in calendar
    assert "DTEND:20270506T160000Z" in calendar
    assert calendar.count("BEGIN:VEVENT") == 1
    assert "SUMMARY:Annual Conference: Day 2" in calendar
    assert "Day 2, Thursday 6 May 2027" in browser.get(f"/orders/{placed.number}/").text
    upcoming = browser.get("/account/activity/").text
    assert "Day 2, Thursday 6 May 2027" in upcoming
    assert ">2.5</td>" in upcoming
    assert placed.invoice.lines.get().detail == "Alice Archer: One day (Day 2)"
    time_machine.move_to(datetime(2027, 5, 6, 18, tzinfo=LONDON))
    assert "to calendar" in upcoming
    assert "to calendar" not in client_of(alice).get("/account/activity/").text


def test_an_option_may_cover_some_sessions_without_a_choice(conference, client_of, alice):
    registration = book(alice, conference, option="First two").registrations.get()

    assert [s.name for s in registration.sessions.all()] == ["Day 1", "Day 2"]
    calendar = client_of(alice).get(f"/registrations/{registration.pk}/event.ics").content.decode()
    uids = re.findall(r"UID:(\S+)", calendar)
    assert len(set(uids)) == 2
    assert ">5.5</td>" in client_of(alice).get("/account/activity/").text


def test_who_takes_part_in_all_has_the_points_of_the_event(conference, client_of, alice):
    registration = book(alice, conference, option="All days").registrations.get()

    assert not registration.is_partial
    assert calendar_file([registration], at=AT).count("BEGIN:VEVENT") == 1
    assert ">6</td>" in client_of(alice).get("/account/activity/").text


def test_another_day_is_another_review(conference, alice):
    option = conference.options.get(name="One day")
    basket = hold(option, alice, sessions=keys(conference, "Day 1"))
    before = review(basket, at=AT).fingerprint
    hold(option, alice, sessions=keys(conference, "Day 3"))

    assert review(basket, at=AT).fingerprint != before


@pytest.mark.parametrize(
    "changed",
    [
        {"starts": datetime(2027, 5, 6, 14, tzinfo=LONDON)},
        {"ends": datetime(2027, 5, 6, 12, tzinfo=LONDON)},
        {"place": "York"},
        {"name": "The second day"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_session_that_changed_after_the_review_is_not_ordered_unread(conference, alice, changed):
    """Once a hold has run out the office may change sessions; the order form still has its mark."""
    session = conference.sessions.get(name="Day 2")
    option = conference.options.get(name="One day")
    basket = hold(option, alice, sessions=[session.pk], at=AT)
    reviewed = review(basket, at=AT).fingerprint
    Session.objects.filter(pk=session.pk).update(**changed)

    with pytest.raises(BasketChanged):
        submit(basket, at=AT, reviewed=reviewed)

    assert not Registration.objects.exists()


def test_a_session_that_is_gone_is_not_ordered(conference, alice):
    """The hold had expired, so the office could take the day away."""
    baskets = []
    for option, chosen in (("One day", ["Day 2"]), ("First two", [])):
        basket = hold(
            conference.options.get(name=option), alice, sessions=keys(conference, *chosen)
        )
        reviewed = review(expire(basket), at=AT)
        assert not reviewed.refused
        baskets.append(basket)
        gone = conference.sessions.get(name="Day 2")
        gone.delete()
        now = review(basket, at=AT)

        with pytest.raises(WrongSessions) as refusal:
            submit(basket, at=AT)

        assert [str(line.refusal) for line in now.refused] == [str(refusal.value)]
        restored = conference.sessions.create(name="Day 2", starts=gone.starts, ends=gone.ends)
        conference.options.get(name="First two").sessions.add(restored)
    assert not Registration.objects.exists()


def test_the_same_file_changes_nothing_and_sessions_stay_once_booked(conference, alice):
    rows = [
        CONFERENCE,
        {**ONE_DAY, "choose": "1"},
        {**ONE_DAY, "option": "First two", "covers": "Day 1; Day 2"},
    ]
    assert bring(*rows).unchanged == 1
    book(alice, conference, "Day 2")
    moved = {**CONFERENCE, "sessions": CONFERENCE["sessions"].replace("06 09:00", "06 10:00")}

    with pytest.raises(BadSheet) as told:
        bring(moved, {**ONE_DAY, "choose": "2"}, rows[2])

    assert [(p.column, p.sentence[:35]) for p in told.value.problems] == [
        ("sessions", "The sessions cannot be changed once"),
        ("covers", "The sessions that the option covers"),
    ]


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        ({"sessions": "Monday"}, "sessions", "“Monday” is not a session: write it as in Day 1: "),
        (
            {"sessions": "A: 2027-05-05 09:30 to 10:00"},
            "sessions",
            "An event with one session needs no list of sessions",
        ),
        ({"starts": "2027-05-05 08:00"}, "starts", "Give the time when the first session begins"),
        ({"ends": "2027-05-08 08:00"}, "ends", "Give the time when the last session ends"),
        ({"covers": "Day 9"}, "covers", "“Day 9” is not a session of the event"),
        ({"choose": "4"}, "choose", "There are fewer sessions than the attendee has to choose"),
        ({"choose": "no"}, "choose", "“no” is not a number of sessions to choose"),
    ],
)
def test_what_is_wrong_in_the_file(cells, column, sentence):
    with pytest.raises(BadSheet) as told:
        bring({**CONFERENCE, **cells})

    assert [(p.column, p.sentence[: len(sentence)]) for p in told.value.problems] == [
        (column, sentence)
    ]


def test_the_office_enters_days(client_of, sam):
    event = factories.event(starts=timezone.now().replace(second=0, microsecond=0))
    option = factories.option(event)
    day = (timezone.now() + timedelta(days=30)).astimezone(LONDON).replace(hour=9, minute=0)
    data = {
        **{name: getattr(event, name) for name in ("title", "kind", "place", "overview")},
        **{f"{n}_{i}": "" for n in ("starts", "ends") for i in (0, 1)},
        "starts_0": f"{day:%Y-%m-%d}",
        "starts_1": "08:00",
        "ends_0": f"{day:%Y-%m-%d}",
        "ends_1": "18:00",
        "sessions-TOTAL_FORMS": 2,
        "sessions-INITIAL_FORMS": 0,
        "pools-TOTAL_FORMS": 0,
        "pools-INITIAL_FORMS": 0,
        "options-TOTAL_FORMS": 1,
        "options-INITIAL_FORMS": 1,
        "options-0-id": option.pk,
        "options-0-event": event.pk,
        "options-0-position": 0,
        "options-0-name": "Place",
        "options-0-price": "60",
        "options-0-audience": "anyone",
    }
    for number, name in enumerate(["Morning", "Afternoon"]):
        data |= {f"sessions-{number}-name": name, f"sessions-{number}-event": event.pk}
        for end, hour in (("starts", 9 + 4 * number), ("ends", 12 + 4 * number)):
            data[f"sessions-{number}-{end}_0"] = f"{day:%Y-%m-%d}"
            data[f"sessions-{number}-{end}_1"] = f"{hour:02}:00"

    response = client_of(sam).post(f"/office/events/event/{event.pk}/change/", data)

    assert response.status_code == 302
    event.refresh_from_db()
    assert [s.name for s in event.sessions.all()] == ["Morning", "Afternoon"]
    assert (event.starts.astimezone(LONDON).hour, event.ends.astimezone(LONDON).hour) == (9, 16)
