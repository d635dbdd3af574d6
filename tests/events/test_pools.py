"""Places that several options share: “20 places, members and others”."""

import pytest
from django.utils import timezone

from portal.core.sheets import BadSheet
from portal.events.models import Audience, Event, Hold, Pool
from portal.events.refusals import EventFull, OptionFull
from tests import factories
from tests.events.acts import expire, hold, order, submit
from tests.events.test_attending import bring
from tests.events.test_importing import COURSE

pytestmark = pytest.mark.django_db
MEMBER = {**COURSE, "places": "", "pool": "Room: 3"}
OTHER = {
    "code": COURSE["code"], "option": "Other", "price": "190", "audience": "anyone",
    "pool": "room: 3",
}  # fmt: skip


@pytest.fixture
def shared():
    """Two options that share three places; one of them has at most two."""
    event = factories.event()
    pool = Pool.objects.create(event=event, name="Room", places=3)
    factories.option(event, "Member", pool=pool)
    factories.option(event, "Other", pool=pool, places=2)
    return event


def left(event):
    return [option.left for option in event.options.with_taken(timezone.now())]


def take(event, name, who):
    return hold(event.options.get(name=name), who)


def test_a_place_of_one_is_a_place_less_of_the_other(shared, alice, bob, charlie):
    assert left(shared) == [3, 2]
    order(shared.options.get(name="Member"), by=alice)
    assert left(shared) == [2, 2]
    take(shared, "Member", bob)
    assert left(shared) == [1, 1]
    expire(take(shared, "Other", charlie))
    assert left(shared) == [1, 1]


def test_the_pool_is_full_for_all_of_its_options(shared, alice, bob, charlie):
    for who, name in ((alice, "Member"), (bob, "Other"), (charlie, "Member")):
        take(shared, name, who)
    dora = factories.person("Dora")

    for name in ("Member", "Other"):
        with pytest.raises(EventFull):
            take(shared, name, dora)
    apart = factories.option(shared, "Online")
    with pytest.raises(OptionFull, match=r"^“Other” is now full"):
        take(shared, "Other", dora)
    assert submit(hold(apart, dora)).registrations.count() == 1


def test_two_lines_of_one_order_do_not_share_the_last_place(shared, alice, bob):
    shared.pools.update(places=2)
    hold(shared.options.get(name="Member"), bob, by=alice)
    basket = take(shared, "Other", alice)
    shared.pools.update(places=1)

    with pytest.raises(EventFull) as refusal:
        submit(basket)

    assert len(refusal.value.lines) == 1


def test_pages_count_the_pool_once(shared, client, alice):
    take(shared, "Member", alice)

    in_list = client.get("/training-and-events/").text
    page = client.get(f"/training-and-events/{shared.code}/").text

    assert ">2 places left<" in in_list
    assert page.count("2 places left, shared") == 2
    shared.pools.update(places=1)
    assert ">Full<" in client.get("/training-and-events/").text
    assert client.get("/training-and-events/?places=on").text.count("event-card__title") == 0


def test_the_form_says_that_they_are_shared(shared, client_of, alice):
    html = client_of(alice).get(f"/training-and-events/{shared.code}/registration/").text

    assert html.count("places left, shared") == 2


def test_the_file_brings_pools(alice):
    assert bring(MEMBER, OTHER).added == 1
    event = Event.objects.get()
    assert [(p.name, p.places, p.options.count()) for p in event.pools.all()] == [("Room", 3, 2)]
    assert bring(MEMBER, OTHER).unchanged == 1
    event.options.update(audience=Audience.ANYONE)
    for who in (alice, factories.person("Dora")):
        order(event.options.get(name="Other"), by=who)
    smaller = [{**row, "audience": "anyone", "pool": "Room: 1"} for row in (MEMBER, OTHER)]

    with pytest.raises(BadSheet) as told:
        bring(*smaller)

    sentence = "Enter 2 or more places, because 2 are taken"
    assert [(p.column, p.sentence) for p in told.value.problems] == [("pool", sentence)]
    assert bring(*({**row, "audience": "anyone", "pool": "Room: 2"} for row in (MEMBER, OTHER)))
    assert left(event) == [0, 0]
    bring(*({**row, "audience": "anyone", "pool": ""} for row in (MEMBER, OTHER)))
    assert not Pool.objects.exists()


@pytest.mark.parametrize(
    ("pool", "sentence"),
    [
        ("Room", "“Room” is not a pool of places: write it as in Room: 20"),
        ("Room: 4", "“Room” has 3 places in line 2. Make them the same"),
    ],
)
def test_what_is_wrong_with_a_pool_in_the_file(pool, sentence):
    with pytest.raises(BadSheet) as told:
        bring(MEMBER, {**OTHER, "pool": pool})

    assert [(p.line, p.column, p.sentence) for p in told.value.problems] == [(5, "pool", sentence)]


def test_the_office_gives_a_pool_no_fewer_places_than_are_taken(shared, client_of, sam, alice, bob):
    take(shared, "Member", alice)
    take(shared, "Other", bob)
    pool = shared.pools.get()
    page = f"/office/events/event/{shared.pk}/change/"
    html = client_of(sam).get(page).text
    import re

    fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', html))
    fields = {name: value for name, value in fields.items() if not name.startswith("_")}
    names = re.findall(r'<select name="([^"]+)"(.*?)</select>', html, re.S)
    fields |= {
        name: chosen[1]
        for name, options in names
        if (chosen := re.search(r'value="([^"]*)" selected', options))
    }
    fields |= {"pools-0-places": "1", "overview": shared.overview, "terms": ""}

    answer = client_of(sam).post(page, fields)

    assert "Enter 2 or more places, because 2 are taken." in answer.text
    pool.refresh_from_db()
    assert (pool.places, Hold.objects.count()) == (3, 2)
