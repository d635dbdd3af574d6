"""**Register myself**: the page, its errors, what it keeps."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.core.money import Money
from portal.events.models import Audience, Basket, BookingRules, Event, Hold
from tests import factories
from tests.events.acts import hold, order

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def event():
    made = factories.event(terms="The *own* terms of this course")
    factories.option(made, "Member", price=Money(13000), audience=Audience.MEMBER, position=1)
    factories.option(
        made, "Non-member", price=Money(19000), audience=Audience.NON_MEMBER, position=2
    )
    factories.option(made, "Funded", price=Money(0), audience=Audience.FUNDED, position=3)
    return made


def address(event):
    return f"/training-and-events/{event.code}/registration/"


def field(html, name):
    """The value of a hidden field."""
    return html.split(f'name="{name}"')[1].split('value="')[1].split('"')[0]


def save(browser, event, name, **answers):
    html = browser.get(address(event)).content.decode()
    given = {
        "option": event.options.get(name=name).pk,
        "special_requirements": "",
        "agree": "on",
        "wording": field(html, "wording"),
        **answers,
    }
    return browser.post(address(event), {k: v for k, v in given.items() if v is not None})


def radio(html, option):
    """The tag of the option's radio, and the line under it."""
    tag = next(t for t in html.split("<input") if f'value="{option.pk}"' in t)
    return tag.split(">")[0], tag.split('choice__hint"')[1].split(">")[1].split("<")[0]


def test_the_options_with_price_and_who_may_take_them(client_of, alice, event):
    html = client_of(alice).get(address(event)).content.decode()
    member, other, funded = event.options.all()

    assert "Member: £156.00 (£130.00 + VAT)" in html
    assert "Funded: Free" in html
    assert radio(html, member)[1] == "For members"
    tag, reason = radio(html, other)
    assert "disabled" in tag
    assert reason == "For people who are not members: members take a member’s place"
    assert "disabled" not in radio(html, funded)[0]
    assert factories.DECLARATION in html
    assert "The <em>own</em> terms" in html
    assert "Save responses" in html


def test_a_customer_sees_the_other_way_round(client_of, charlie, event):
    html = client_of(charlie).get(address(event)).content.decode()
    member, other, _ = event.options.all()

    assert radio(html, member)[1] == "For members only: you have no current membership"
    assert "disabled" not in radio(html, other)[0]


def test_saving_holds_the_place_and_leads_to_the_basket(client_of, alice, event):
    browser = client_of(alice)

    response = save(browser, event, "Member", special_requirements="Vegan\r\nStep-free")

    assert (response.status_code, response.url) == (302, "/basket/")
    kept = Hold.objects.get()
    assert (kept.attendee, kept.basket.owner, kept.option.name) == (alice, alice, "Member")
    assert kept.special_requirements == "Vegan\nStep-free"
    assert kept.agreed_terms == "The *own* terms of this course"
    assert kept.declaration == ""
    assert browser.session["basket_count"] == 1


def test_a_funded_place_keeps_the_wording_of_the_declaration(client_of, charlie, event):
    assert save(client_of(charlie), event, "Funded", declaration="on").status_code == 302
    assert Hold.objects.get().declaration == factories.DECLARATION


def test_the_usual_terms_where_an_event_has_none(client_of, alice):
    event = factories.option(factories.event(), "Place").event

    save(client_of(alice), event, "Place")

    assert Hold.objects.get().agreed_terms == factories.TERMS


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"option": ""}, "Choose a registration option"),
        ({"option": "999999"}, "Choose one of the registration options that are open to you"),
        ({"agree": None}, "Tick the box to agree to the terms and conditions"),
        (
            {"special_requirements": "x" * 1001},
            "Special requirements must be 1000 characters or less",
        ),
        (
            {"wording": "old"},
            "The terms have changed since you opened this page. Read them again, then agree to "
            "them",
        ),
    ],
)
def test_bad_input_gets_its_sentence_and_keeps_what_was_typed(
    client_of, alice, event, answers, sentence
):
    given = {"special_requirements": "Vegan", **answers}

    html = save(client_of(alice), event, "Member", **given).content.decode()

    assert "<title>Error: Register for" in html
    assert html.count(sentence) == 2
    assert given["special_requirements"] in html
    assert not Hold.objects.exists()


def test_a_thousand_characters_with_line_ends(client_of, alice, event):
    text = "\r\n".join(["x" * 99] * 10)  # 999 as people and browsers count

    assert save(client_of(alice), event, "Member", special_requirements=text).status_code == 302


def test_an_option_that_is_not_for_them(client_of, charlie, event):
    html = save(client_of(charlie), event, "Member").content.decode()

    assert "For members only: you have no current membership" in html
    assert not Hold.objects.exists()


def test_what_is_missing_of_a_funded_place_is_told_in_one_go(client_of, charlie, event):
    *_, funded = event.options.all()

    html = client_of(charlie).post(address(event), {"option": funded.pk}).text

    assert html.count("Tick the box to declare that you are eligible for a funded place") == 2
    assert html.count("Tick the box to agree to the terms and conditions") == 2


def test_what_is_declared_to_have_been_read_is_a_link_beside_the_box(client_of, charlie, event):
    link = "https://www.example.org/funding?a=1&b=2"
    assert "Read more about funding" not in client_of(charlie).get(address(event)).text
    Event.objects.update(funding_link=link)

    html = client_of(charlie).get(address(event)).text

    assert f'href="{link.replace("&", "&amp;")}">Read more about funding' in html


def test_a_funded_place_without_the_declaration(client_of, charlie, event):
    html = save(client_of(charlie), event, "Funded").content.decode()

    assert html.count("Tick the box to declare that you are eligible for a funded place") == 2
    assert not Hold.objects.exists()


def test_terms_that_changed_meanwhile_are_shown_again(client_of, alice, event):
    browser = client_of(alice)
    wording = field(browser.get(address(event)).content.decode(), "wording")
    Event.objects.update(terms="Harsher terms")

    response = save(browser, event, "Member", wording=wording)

    html = response.content.decode()
    assert "Harsher terms" in html
    assert "The terms have changed" in html
    assert not Hold.objects.exists()
    again = browser.post(
        address(event),
        {
            "option": event.options.get(name="Member").pk,
            "agree": "on",
            "wording": field(html, "wording"),
        },
    )
    assert again.status_code == 302
    assert Hold.objects.get().agreed_terms == "Harsher terms"


@pytest.fixture
def somebody_is_quicker(bob, monkeypatch):
    """`somebody_is_quicker(option)`: it goes to bob once the page that saves has been made up."""
    from portal.events.views import registering

    real = registering.hold_place

    def beaten_to(option):
        def hold_too_late(*args, **kwargs):
            hold(option, bob)
            return real(*args, **kwargs)

        monkeypatch.setattr(registering, "hold_place", hold_too_late)

    return beaten_to


def test_the_last_place_taken_between_looking_and_saving(
    client_of, alice, bob, somebody_is_quicker
):
    """The act says so, the page agrees with it, and the answers stay."""
    option = factories.option(factories.event(), "Place", places=1)
    somebody_is_quicker(option)

    html = save(
        client_of(alice), option.event, "Place", special_requirements="Vegan"
    ).content.decode()

    assert html.count("This event is now full. Nothing has been ordered.") == 2
    assert "1 place left" not in html
    tag, reason = radio(html, option)
    assert "disabled" in tag
    assert reason == "Full: there are no places left"
    assert "Save responses" not in html
    assert "Vegan" in html
    assert Hold.objects.get().attendee == bob


@pytest.mark.parametrize(
    ("audience", "words", "can_go_on"),
    [
        (Audience.ANYONE, "“Member” is now full. Choose another option", True),
        (Audience.NON_MEMBER, "“Member” is now full, and no other option is open to you.", False),
    ],
)
def test_the_last_place_of_an_option_while_another_has_places(
    client_of, alice, somebody_is_quicker, audience, words, can_go_on
):
    event = factories.event()
    option = factories.option(event, "Member", audience=Audience.MEMBER, places=1)
    factories.option(event, "Other", audience=audience, places=3)
    somebody_is_quicker(option)

    html = save(client_of(alice), event, "Member").content.decode()

    assert html.count(words) == 2
    assert "This event is now full" not in html
    assert radio(html, option)[1] == "Full: there are no places left"
    assert ("Save responses" in html) is can_go_on


def test_the_last_place_taken_while_the_page_was_open(client_of, alice, bob):
    option = factories.option(factories.event(), "Place", places=1)
    browser = client_of(alice)
    wording = field(browser.get(address(option.event)).content.decode(), "wording")
    hold(option, bob)

    answers = {"option": option.pk, "agree": "on", "wording": wording}
    html = browser.post(
        address(option.event), {**answers, "special_requirements": "Vegan"}
    ).content.decode()

    assert html.count("This event is now full. Nothing has been ordered.") == 2
    assert "Vegan" in html
    assert not Hold.objects.filter(attendee=alice).exists()


def test_a_full_option_cannot_be_chosen(client_of, alice, bob, event):
    option = event.options.get(name="Member")
    option.places = 1
    option.save()
    hold(option, bob)

    html = client_of(alice).get(address(event)).content.decode()

    tag, reason = radio(html, option)
    assert "disabled" in tag
    assert reason == "Full: there are no places left"


def test_changing_the_answers_begins_with_them(client_of, alice, event):
    option = event.options.get(name="Member")
    option.places = 1
    option.save()
    browser = client_of(alice)
    save(browser, event, "Member", special_requirements="Vegan")

    html = browser.get(address(event)).content.decode()

    assert "checked" in radio(html, option)[0]
    assert "disabled" not in radio(html, option)[0]
    assert "Vegan" in html
    assert save(browser, event, "Member", special_requirements="").status_code == 302
    assert Hold.objects.get().special_requirements == ""
    assert Basket.objects.count() == 1


def test_no_option_is_open(client_of, charlie):
    event = factories.option(factories.event(), audience=Audience.MEMBER).event

    html = client_of(charlie).get(address(event)).content.decode()

    assert "No option is open to you" in html
    assert "Save responses" not in html


def test_who_is_signed_out_signs_in_and_comes_back(client, alice, event):
    response = client.get(address(event))

    assert response.status_code == 302
    assert response.url.endswith(f"?next={address(event)}")


def test_registered_or_begun_leads_to_the_event(client_of, alice, event):
    begun = factories.option(factories.event("begun", starts=timezone.now())).event
    order(event.options.get(name="Member"), by=alice)

    for one in (event, begun):
        response = client_of(alice).get(address(one))
        assert (response.status_code, response.url) == (302, f"/training-and-events/{one.code}/")


def test_registering_for_what_has_begun_meanwhile_says_why(client_of, alice, event):
    Event.objects.update(starts=timezone.now())

    response = client_of(alice).post(address(event), {"agree": "on"}, follow=True)

    assert "This event has begun, so nobody can register" in response.content.decode()


def test_without_booking_rules_registration_is_not_open(client_of, alice, event):
    BookingRules.objects.all().delete()

    html = client_of(alice).get(address(event), follow=True).content.decode()

    assert "Registration is not open yet" in html


def test_no_such_event(client_of, alice):
    assert client_of(alice).get("/training-and-events/none/registration/").status_code == 404


def test_a_hold_of_somebody_else_is_not_shown(client_of, alice, bob, event):
    hold(event.options.get(name="Member"), bob, special_requirements="Bob’s secret")

    assert "secret" not in client_of(alice).get(address(event)).content.decode()


def test_the_rules_of_the_day_hold(client_of, alice, event):
    """Rules that begin tomorrow are not yet asked for."""
    BookingRules.objects.create(
        valid_from=timezone.now().date() + timedelta(days=1), funded_declaration="New", terms="New"
    )

    assert factories.DECLARATION in client_of(alice).get(address(event)).content.decode()
