"""Forms for comparing stay beside their words, whoever writes; an update works them out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from portal.core.rows.bulk import ChangedRows, NewRows
from portal.core.text.comparing import as_number, as_words
from portal.membership.models import ImportedPerson, Membership
from portal.organisations.models import Affiliation, Organisation
from portal.people.models import Address, Person
from tests import factories

pytestmark = pytest.mark.django_db


def forms() -> list[tuple[str, str]]:
    return list(Person.objects.order_by("pk").values_list("compared_name", "last_name"))


def test_saving_a_part_of_a_row_saves_its_form() -> None:
    zoe = factories.person("Zoë", "Brontë", has_account=False)
    assert forms() == [("zoe bronte", "Brontë")]
    zoe.last_name = "O’Hara"
    zoe.save(update_fields=["last_name"])
    assert forms() == [("zoe o'hara", "O’Hara")]


def test_changing_many_rows_changes_their_forms_or_is_refused() -> None:
    factories.person("Zoë", "Brontë", has_account=False)
    Person.objects.update(first_name="Łukasz", last_name="Żak")
    assert forms() == [("lukasz zak", "Żak")]
    with pytest.raises(TypeError, match="save the rows instead"):
        Person.objects.update(last_name="Smith")
    with pytest.raises(TypeError, match="save the rows instead"):
        Person.objects.filter(last_name="Żak").update(first_name="Jim")
    assert forms() == [("lukasz zak", "Żak")]


def test_rows_written_by_the_thousand_have_their_forms() -> None:
    rows = NewRows(Person, "first_name", "last_name", "email")
    rows.add("Zoë", "Brontë", "z@x.org")
    rows.insert()
    assert forms() == [("zoe bronte", "Brontë")]
    changed = ChangedRows(Person, "last_name", "first_name")
    changed.add(Person.objects.get().pk, "Żak", "Łukasz")
    changed.update()
    assert forms() == [("lukasz zak", "Żak")]
    with pytest.raises(ValueError, match="not in"):
        ChangedRows(Person, "last_name")


@pytest.mark.parametrize("typed", ["ZOE", "zoë", "ZOË", "O’Hara", "o'hara", "ohara zoe"])
def test_the_office_finds_people_as_it_types_them(
    client_of: Callable[[Person], Client], sam: Person, typed: str
) -> None:
    factories.person("Zoë", "O'Hara", email="z@x.org", has_account=False)
    factories.person("Jim", "Smith", email="j@x.org", has_account=False)
    found = client_of(sam).get("/office/people/person/", {"q": typed}).text
    assert ("z@x.org" in found, "j@x.org" in found) == (typed != "ohara zoe", False)


# --- Installations from before ---------------------------------------------------------------
BEFORE = [
    ("people", "0004_invitation_requests"),
    ("organisations", "0001_initial"),
    ("membership", "0007_terms_for_life"),
    ("events", "0004_forget_days"),
]


def migrate(*to: str) -> None:
    call_command("migrate", *to, verbosity=0)


def as_before(label: str) -> Any:
    loader = MigrationExecutor(connection).loader
    return loader.project_state(BEFORE).apps.get_model(label)


@pytest.fixture
def before(transactional_db: None) -> Iterator[None]:
    for app, name in reversed(BEFORE):
        migrate(app, name)
    yield
    with connection.cursor() as cursor:
        for model in (ImportedPerson, Membership, Affiliation, Organisation, Address, Person):
            cursor.execute(f"DELETE FROM {model._meta.db_table}")
    migrate()


def enter(first: str, last: str, number: str) -> Any:
    person = as_before("people.Person").objects.create(first_name=first, last_name=last)
    as_before("membership.Membership").objects.create(person_id=person.pk, number=number)
    return person


def test_an_update_works_out_the_forms_and_makes_one_of_organisations(before: None) -> None:
    zoe = enter("Zoë", "Brontë", "MEM 0123")
    as_before("people.Address").objects.create(
        person_id=zoe.pk, line_1="1 Rue", town="Dublin", postcode="D02 X285"
    )
    as_before("membership.ImportedPerson").objects.create(
        key="mem 0123", person_id=zoe.pk, cells={"membership_number": "MEM 0123"},
        imported_at="2026-01-01T00:00Z",
    )  # fmt: skip
    organisation = as_before("organisations.Organisation")
    kept = organisation.objects.create(name="J. Smith Ltd", match_name="j. smith ltd")
    other = organisation.objects.create(name="J Smith Limited", match_name="j smith limited")
    as_before("organisations.Affiliation").objects.create(
        person_id=zoe.pk, organisation_id=other.pk, start="2026-01-01"
    )
    migrate()
    assert Person.objects.get().compared_name == as_words("Zoe Bronte")
    assert Address.objects.get().compared_postcode == as_number("d02x285")
    assert Membership.objects.get().compared_number == "mem0123"
    assert ImportedPerson.objects.get().key == "mem0123"
    assert Organisation.objects.get().pk == kept.pk
    assert Affiliation.objects.get().organisation_id == kept.pk


def test_an_update_names_numbers_that_are_one_now(before: None) -> None:
    enter("Ann", "Alpha", "M 1")
    enter("Bea", "Bell", "m1")
    enter("Cat", "Cole", "M2")
    with pytest.raises(CommandError, match=r"several people have one: M 1 and m1. Go back"):
        migrate()
