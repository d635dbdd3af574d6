"""About me: one's own details, and nobody else's."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from portal.organisations.models import Affiliation, OrganisationType
from portal.people.models import Person, Phone
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def test_it_shows_what_is_known(client_of: Callable[[Person], Client], alice: Person) -> None:
    Phone.objects.create(person=alice, kind="mobile", number="+447700900123")
    Person.objects.filter(pk=alice.pk).update(purchase_order_number="PO 4711")
    page = client_of(alice).get("/account/").text
    for words in (
        "Ms Alice Archer",
        "alice@example.org",
        "07700 900123",
        "PO 4711",
        "1 Test Street<br>Leeds<br>LS1 4AP",
        "Mailing",
        "Shipping",
        "Billing",
        "Accredited",
        "1 June 2021",
        "Fern Advice",
        "Checked by the office",
        "Money adviser / caseworker",
        "Change password",
        "mailto:office@example.org?subject=My%20details%2C%20membership%20number%20100",
    ):
        assert words in page, words


def test_it_shows_nothing_of_anybody_else(
    client_of: Callable[[Person], Client], alice: Person, bob: Person, charlie: Person
) -> None:
    Phone.objects.create(person=bob, kind="phone", number="+441134960111")
    Person.objects.filter(pk=bob.pk).update(purchase_order_number="BOB-1")
    for browser in (client_of(alice), client_of(charlie)):
        page = browser.get("/account/").text
        for words in ("Bob", "Brook", "bob@example.org", "0113 496 0111", "BOB-1", "Associate"):
            assert words not in page, words
    assert "Alice" not in client_of(charlie).get("/account/").text


def test_what_is_not_known_is_said(client_of: Callable[[Person], Client]) -> None:
    bare = factories.person("Bare", "Bones")
    bare.addresses.all().delete()
    page = client_of(bare).get("/account/").text
    for words in (
        "Not given",
        "are not a member",
        "We have no organisation for you.",
        "We have no postal address of yours.",
    ):
        assert words in page, words


def test_an_employer_that_is_only_said_is_marked_so(client_of: Callable[[Person], Client]) -> None:
    person = factories.person()
    factories.affiliation(person, factories.organisation(), is_verified=False)
    page = client_of(person).get("/account/").text
    assert "Not checked yet" in page
    assert "Checked by the office" not in page


def test_the_organisation_s_type_is_shown_and_that_of_who_has_none(
    client_of: Callable[[Person], Client], alice: Person, charlie: Person
) -> None:
    kind = OrganisationType.objects.create(name="Self-employed")
    Affiliation.objects.create(person=charlie, no_organisation_type=kind, start=date(2026, 1, 1))
    assert work_of(client_of(alice)) == [
        ("Organisation", "Fern Advice Checked by the office"),
        ("Organisation type", "Citizens Advice"),
        ("Role type", "Money adviser / caseworker"),
    ]
    assert work_of(client_of(charlie)) == [
        ("Organisation", "None"),
        ("Organisation type", "Self-employed"),
        ("Role type", "Not given"),
    ]


def work_of(browser: Client) -> list[tuple[str, str]]:
    """The rows under “Your work”, as they are read."""
    part = browser.get("/account/").text.split('id="work"', 1)[1].split("</section>", 1)[0]
    rows = re.findall(r"<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", part, re.DOTALL)
    return [(key, " ".join(re.sub(r"<[^>]+>", " ", value).split())) for key, value in rows]


def test_only_tabs_that_exist(client_of: Callable[[Person], Client], alice: Person) -> None:
    page = client_of(alice).get("/account/").text
    assert page.count('class="tabs__link"') == 2
    assert 'href="/account/" aria-current="page">About me' in page


def test_the_second_step_is_offered_to_staff(
    client_of: Callable[[Person], Client], alice: Person, sam: Person
) -> None:
    assert "Second step" in client_of(sam).get("/account/").text
    assert "Second step" not in client_of(alice).get("/account/").text


def test_it_takes_signing_in(client: Client) -> None:
    assert client.get("/account/")["Location"] == "/sign-in/?next=/account/"


def test_an_account_without_a_person_sees_the_waiting_page(client: Client) -> None:
    client.force_login(factories.account("alone@example.org"))
    answer = client.get("/account/")
    assert answer.status_code == 403
    assert "Your account is nearly ready" in answer.text
