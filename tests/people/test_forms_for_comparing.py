"""Forms for comparing stay beside their words, whoever writes; an update works them out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from portal.core.rows.bulk import ChangedRows, NewRows
from portal.people.models import Person
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
