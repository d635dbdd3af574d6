"""Memberships in the office: terms never overlap, and the history has each change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from portal.core.models import HistoryEntry
from portal.people.models import Person
from tests import factories

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Person], Client]


@pytest.fixture
def mary() -> Person:
    person = factories.person("Mary", "Moss")
    factories.membership(person, number="M1", start=date(2026, 4, 1), end=date(2027, 3, 31))
    return person


def data(person: Person, *added: tuple[str, str]) -> dict[str, object]:
    """The form of the membership as it is, with these terms added."""
    term = person.membership.terms.get()
    rows = [(term.pk, term.start, term.end), *(("", start, end) for start, end in added)]
    found: dict[str, object] = {
        "person": person.pk,
        "number": "M1",
        "member_since": "2026-04-01",
        "terms-TOTAL_FORMS": len(rows),
        "terms-INITIAL_FORMS": 1,
    }
    for place, (key, start, end) in enumerate(rows):
        found |= {
            f"terms-{place}-id": key,
            f"terms-{place}-membership": person.membership.pk,
            f"terms-{place}-category": term.category_id,
            f"terms-{place}-start": start,
            f"terms-{place}-end": end,
        }
    return found


def test_a_term_is_added(client_of: ClientOf, sam: Person, mary: Person) -> None:
    page = reverse("admin:membership_membership_change", args=[mary.membership.pk])
    response = client_of(sam).post(page, data(mary, ("2027-04-01", "2028-03-31")))
    assert response.status_code == 302
    assert mary.membership.terms.count() == 2
    entry = HistoryEntry.objects.get(act="membership changed")
    assert entry.actor_label == "sam@example.org"
    assert entry.detail["terms"][1] == "Accredited, 2027-04-01 to 2028-03-31"


def test_terms_that_overlap_are_refused(client_of: ClientOf, sam: Person, mary: Person) -> None:
    page = reverse("admin:membership_membership_change", args=[mary.membership.pk])
    response = client_of(sam).post(page, data(mary, ("2027-03-31", "2028-03-31")))
    assert (
        "Two terms overlap: one ends on 31 March 2027, the next begins on 31 March 2027. Let the "
        "next begin the day after."
    ) in response.content.decode()
    assert mary.membership.terms.count() == 1


def test_a_membership_is_entered_with_its_term(client_of: ClientOf, sam: Person) -> None:
    person = factories.person("Nora", "New")
    typed = {
        "person": person.pk,
        "number": "M2",
        "member_since": "2026-04-01",
        "terms-TOTAL_FORMS": 1,
        "terms-INITIAL_FORMS": 0,
        "terms-0-category": factories.category().pk,
        "terms-0-start": "2026-04-01",
        "terms-0-end": "2027-03-31",
    }
    page = reverse("admin:membership_membership_add")
    assert client_of(sam).post(page, typed).status_code == 302
    person.refresh_from_db()
    assert (person.membership.number, str(person.membership.terms.get())) == (
        "M2",
        "Accredited, 2026-04-01 to 2027-03-31",
    )


def test_a_term_is_removed(client_of: ClientOf, sam: Person, mary: Person) -> None:
    page = reverse("admin:membership_membership_change", args=[mary.membership.pk])
    typed = data(mary, ("2026-05-01", "2027-04-30")) | {"terms-0-DELETE": "on", "number": "M9"}
    client = client_of(sam)
    sam.user.is_superuser = True
    sam.user.save()
    assert client.post(page, typed).status_code == 302
    mary.membership.refresh_from_db()
    assert mary.membership.number == "M9"
    assert [str(term) for term in mary.membership.terms.all()] == [
        "Accredited, 2026-05-01 to 2027-04-30"
    ]


def test_the_pages_open(client_of: ClientOf, sam: Person, mary: Person) -> None:
    client = client_of(sam)
    for name in ("membership", "membershipcategory", "membershiprules", "qualification"):
        assert client.get(reverse(f"admin:membership_{name}_changelist")).status_code == 200
    page = client.get(reverse("admin:membership_membership_change", args=[mary.membership.pk]))
    assert page.status_code == 200


def test_settings_leave_their_history(client_of: ClientOf, sam: Person, mary: Person) -> None:
    office = client_of(sam)
    office.post(
        reverse("admin:membership_membershipcategory_add"),
        {"name": "Fellow", "post_nominals": "FIT", "position": 9},
    )
    office.post(
        reverse("admin:membership_qualification_add"),
        {"person": mary.pk, "name": "CertMAP", "awarded_on": "2026-05-01"},
    )
    acts = [(entry.act, entry.object_label) for entry in HistoryEntry.objects.order_by("pk")]
    assert acts == [
        ("membership category added", "Fellow"),
        ("qualification added", "CertMAP, 2026-05-01"),
    ]
