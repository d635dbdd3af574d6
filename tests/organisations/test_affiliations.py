"""Who works where, and what the office vouches for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.core.models import HistoryEntry
from portal.core.text.comparing import as_organisation
from portal.organisations.affiliations import current_affiliation
from portal.organisations.editing_affiliations import correct_affiliation, enter_affiliation
from portal.organisations.models import Affiliation, Organisation, OrganisationType
from portal.organisations.organisation_names import NameTaken, keep_organisation
from portal.organisations.verifying_affiliations import take_back, verify
from portal.people.models import Person
from tests import factories

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Person], Client]


def test_the_current_affiliation_is_that_of_the_day(charlie: Person) -> None:
    old, new = factories.organisation("Old"), factories.organisation("New")
    Affiliation.objects.create(
        person=charlie, organisation=old, start=date(2025, 1, 1), end=date(2026, 6, 30)
    )
    later = Affiliation.objects.create(person=charlie, organisation=new, start=date(2026, 7, 1))
    names = {
        day: str(work.organisation) if (work := current_affiliation(charlie, day)) else None
        for day in (date(2024, 12, 31), date(2025, 1, 1), date(2026, 6, 30), date(2026, 7, 1))
    }
    assert list(names.values()) == [None, "Old", "Old", "New"]
    assert current_affiliation(charlie, date(2030, 1, 1)) == later


def test_it_is_read_with_all_that_pages_show(alice: Person, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        work = current_affiliation(alice, date(2026, 11, 23))
        assert work is not None
        shown = (str(work.organisation), str(work.organisation_type), str(work.role_type))
    assert shown == ("Fern Advice", "Citizens Advice", "Money adviser / caseworker")


def test_a_type_of_its_own_is_only_for_who_has_no_organisation(charlie: Person) -> None:
    kind = OrganisationType.objects.create(name="Self-employed")
    work = Affiliation.objects.create(
        person=charlie, no_organisation_type=kind, start=date(2026, 1, 1)
    )
    assert work.organisation_type == kind
    work.organisation = factories.organisation()
    with pytest.raises(IntegrityError), transaction.atomic():
        work.save()


def test_names_are_compared_without_case_and_spacing() -> None:
    assert as_organisation(" Fern\tADVICE  Straße ") == as_organisation("fern advice STRASSE")


def test_verifying_and_taking_back(alice: Person, bob: Person, charlie: Person) -> None:
    mine = factories.affiliation(charlie, factories.organisation(), is_verified=False)
    at = timezone.now()
    assert verify(Affiliation.objects.all(), actor="sam", at=at) == 1
    mine.refresh_from_db()
    assert (mine.verified_at, mine.verified_by) == (at, "sam")
    assert told() == [("affiliation verified", "Charlie Carr at Fern Advice", "sam", at)]
    assert verify(Affiliation.objects.all(), actor="sam", at=at) == 0
    later = at + timedelta(hours=1)
    assert take_back(Affiliation.objects.filter(pk=mine.pk), actor="sue", at=later) == 1
    mine.refresh_from_db()
    assert (mine.verified_at, mine.verified_by) == (None, "")
    assert alice.affiliations.get().is_verified
    assert told()[1:] == [("verification taken back", "Charlie Carr at Fern Advice", "sue", later)]


def told() -> list[tuple[object, ...]]:
    """What the history says of affiliations."""
    entries = HistoryEntry.objects.filter(object_type="organisations.Affiliation").order_by("pk")
    return list(entries.values_list("act", "object_label", "actor_label", "at"))


def test_another_organisation_takes_the_verification_back(alice: Person) -> None:
    work, other = alice.affiliations.get(), factories.organisation("Other")
    at = timezone.now()
    correct_affiliation(work, actor="sam", at=at, role_type=None, organisation=work.organisation)
    work.refresh_from_db()
    assert (work.role_type, work.is_verified) == (None, True)
    assert not correct_affiliation(work, actor="sam", at=at, organisation=other).is_verified
    work.refresh_from_db()
    assert (work.organisation, work.verified_at, work.verified_by) == (other, None, "")
    assert [entry[:2] for entry in told()] == [
        ("affiliation changed", "Alice Archer at Fern Advice"),
        ("verification taken back", "Alice Archer at Fern Advice"),
        ("affiliation changed", "Alice Archer at Other"),
    ]
    correct_affiliation(work, actor="sam", at=at, organisation=other)
    assert len(told()) == 3


def test_a_new_one_is_verified_by_nobody(charlie: Person) -> None:
    at = timezone.now()
    typed = Affiliation(
        person=charlie,
        organisation=factories.organisation(),
        start=date(2026, 1, 1),
        verified_at=at,
        verified_by="charlie",
    )
    enter_affiliation(typed, actor="sam", at=at)
    work = charlie.affiliations.get()
    assert (work.verified_at, work.verified_by) == (None, "")
    assert told() == [("affiliation added", "Charlie Carr at Fern Advice", "sam", at)]


def test_an_organisation_keeps_its_own_name_and_takes_nobody_else_s() -> None:
    fern, at = factories.organisation("Fern Advice"), timezone.now()
    fern.name = " FERN  Advice "
    keep_organisation(fern, actor="sam", at=at)
    assert Organisation.objects.get().name == "FERN Advice"
    with pytest.raises(NameTaken, match="There is already an organisation with this name"):
        keep_organisation(Organisation(name="fern advice"), actor="sam", at=at)
    keep_organisation(Organisation(name="Ash"), actor="sam", at=at)
    acts = HistoryEntry.objects.order_by("pk").values_list("act", "object_label")
    assert list(acts) == [("organisation changed", "FERN Advice"), ("organisation added", "Ash")]


# --- The office's pages ----------------------------------------------------------------------
LIST = "admin:organisations_affiliation_changelist"


def test_staff_verify_in_the_list(client_of: ClientOf, sam: Person, charlie: Person) -> None:
    work = factories.affiliation(charlie, factories.organisation(), is_verified=False)
    client = client_of(sam)
    assert "Charlie Carr" in client.get(reverse(LIST) + "?verified=no").content.decode()
    data = {"action": "verify", "_selected_action": [work.pk]}
    page = client.post(reverse(LIST), data, follow=True)
    assert "1 verified." in page.content.decode()
    work.refresh_from_db()
    assert (work.is_verified, work.verified_by) == (True, "sam@example.org")
    entry = HistoryEntry.objects.get(act="affiliation verified")
    assert entry.object_label == "Charlie Carr at Fern Advice"
    assert "Charlie Carr" not in client.get(reverse(LIST) + "?verified=no").content.decode()
    client.post(reverse(LIST), data | {"action": "take_back"})
    work.refresh_from_db()
    assert not work.is_verified
    assert HistoryEntry.objects.filter(act="verification taken back").count() == 1


def test_another_organisation_is_not_verified_with_it(
    client_of: ClientOf, sam: Person, alice: Person
) -> None:
    work, other = alice.affiliations.get(), factories.organisation("Other")
    data = {
        "person": alice.pk,
        "organisation": work.organisation_id,
        "role_type": "",
        "no_organisation_type": "",
        "start": "2020-01-01",
        "end": "",
    }
    page = reverse("admin:organisations_affiliation_change", args=[work.pk])
    client = client_of(sam)
    assert client.post(page, data).status_code == 302
    work.refresh_from_db()
    assert (work.role_type, work.is_verified) == (None, True)
    assert client.post(page, data | {"organisation": other.pk}).status_code == 302
    work.refresh_from_db()
    assert (work.organisation, work.is_verified) == (other, False)


def test_two_organisations_of_a_name_are_refused(client_of: ClientOf, sam: Person) -> None:
    factories.organisation("Fern Advice")
    page = client_of(sam).post(
        reverse("admin:organisations_organisation_add"), {"name": "FERN  advice", "type": ""}
    )
    assert "There is already an organisation with this name." in page.content.decode()
    assert Organisation.objects.count() == 1


def test_who_is_not_staff_does_not_see_the_office(client_of: ClientOf, alice: Person) -> None:
    for name in ("affiliation", "organisation", "roletype", "organisationtype"):
        page = client_of(alice).get(reverse(f"admin:organisations_{name}_changelist"))
        assert page.status_code in {302, 403, 404}
        assert "Fern Advice" not in page.content.decode()
