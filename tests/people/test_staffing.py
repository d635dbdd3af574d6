"""`portal staff add`: a person, an account with the office's rights, an invitation; once."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from portal.accounts.models import User
from portal.core.models import Body, OutgoingMail
from portal.people.models import Person
from tests import factories
from tests.accounts.test_sign_up import sign_up
from tests.people.test_inviting import set_password, token_of

pytestmark = pytest.mark.django_db
NAMED = ("--first-name", "Nora", "--last-name", "New")


def add(*arguments: str) -> str:
    out = StringIO()
    call_command("staff_add", *arguments, stdout=out)
    return out.getvalue().strip()


def test_a_new_person_is_made_and_invited_once() -> None:
    assert add("Nora@example.org", *NAMED) == (
        "Nora New works in the office now. We are sending an invitation to nora@example.org, "
        "with a link to http://localhost:8000."
    )
    assert add("nora@example.org") == (
        "Nora New already works in the office. The invitation sent to nora@example.org still works."
    )
    user = User.objects.get()
    assert (user.is_staff, user.is_superuser, user.has_usable_password()) == (True, False, False)
    assert Person.objects.count() == 1
    assert OutgoingMail.objects.count() == 1


def test_somebody_with_one_name_works_there_too() -> None:
    assert add("prince@example.org", "--last-name", "Prince").startswith("Prince works in the")
    assert Person.objects.get().full_name == "Prince"


def test_new_staff_go_on_to_the_second_step_without_their_password_again(client: Client) -> None:
    Body.objects.update(staff_second_step=True)
    add("nora@example.org", *NAMED)
    set_password(client, token_of(Person.objects.get()))
    assert "<h1>Set up the second step</h1>" in client.get("/office/", follow=True).text


def test_who_was_invited_at_another_address_is_invited_again() -> None:
    add("nora@example.org", *NAMED)
    Person.objects.update(email="nora@right.example.org")
    assert add("nora@right.example.org").endswith(
        "to nora@right.example.org, with a link to http://localhost:8000."
    )
    assert OutgoingMail.objects.latest("pk").to == "nora@right.example.org"


def test_she_enters_the_office_by_her_invitation(client: Client) -> None:
    add("nora@example.org", *NAMED)
    set_password(client, token_of(Person.objects.get()))
    index = client.get("/office/")
    assert index.status_code == 200
    assert "Body details" in index.text
    assert client.get("/office/people/person/").status_code == 200


def test_who_has_an_account_signs_in_as_before(alice: Person) -> None:
    assert add("alice@example.org") == (
        "Alice Archer works in the office now. They get an email, and sign in again with their "
        "present password."
    )
    alice.user.refresh_from_db()
    assert alice.user.is_staff
    assert alice.user.check_password(factories.PASSWORD)
    told = OutgoingMail.objects.get()
    assert told.to == "alice@example.org"
    assert (
        "You still work in the portal’s office, but no longer as an administrator."
    ) in told.text
    add("alice@example.org")
    assert OutgoingMail.objects.count() == 1


def test_all_is_only_with_all(alice: Person) -> None:
    add("alice@example.org")
    alice.user.refresh_from_db()
    assert not alice.user.is_superuser
    add("alice@example.org", "--all")
    alice.user.refresh_from_db()
    assert alice.user.is_superuser


def test_who_has_squatted_the_address_does_not_get_into_the_office(client: Client) -> None:
    sign_up(client, email="nora@example.org", password1="the squatter's own words")
    add("nora@example.org", *NAMED)
    user = User.objects.get()
    assert user.is_staff
    assert not user.check_password("the squatter's own words")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nora@example.org",), "Add --first-name and --last-name"),
        (("nora",), "“nora” is not an email address"),
        (
            ("nora@example.org", "--first-name", "N" * 160, "--last-name", "L" * 101),
            "^First name must be 100 characters or less. Last name must be 100 characters or "
            "less.$",
        ),
    ],
)
def test_what_is_missing_is_said(arguments: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence) as told:
        add(*arguments)
    assert told.value.returncode == 2
    assert not User.objects.exists()


def test_an_address_of_several_is_refused() -> None:
    for name in ("One", "Two"):
        factories.person("Nora", name, email="nora@example.org", has_account=False)
    with pytest.raises(CommandError, match="Several people have the address"):
        add("nora@example.org")


def test_the_office_does_not_go_to_who_signs_in_with_the_address(charlie: Person) -> None:
    """Charlie was given another address once, and his old one went to Nina."""
    Person.objects.filter(pk=charlie.pk).update(email="carr@example.org")
    told = (
        "^Charlie Carr signs in with charlie@example.org. To let them work in the office, give "
        "the address that the office has for them: carr@example.org. To let somebody else in, "
        "give their own address.$"
    )
    with pytest.raises(CommandError, match=told) as refused:
        add("charlie@example.org", *NAMED)
    assert refused.value.returncode == 2
    assert not Person.objects.filter(last_name="New").exists()
    nina = factories.person("Nina", "New", email="charlie@example.org", has_account=False)
    with pytest.raises(CommandError, match="Charlie Carr signs in with"):
        add("charlie@example.org")
    assert not User.objects.filter(is_staff=True).exists()
    assert not nina.invitations.exists()
    assert add("carr@example.org") == (
        "Charlie Carr works in the office now. They get an email, and sign in again with their "
        "present password."
    )
    assert User.objects.get(is_staff=True) == charlie.user


def test_an_administrator_is_said_to_be_one() -> None:
    add("nora@example.org", *NAMED)
    assert add("nora@example.org", "--all").startswith(
        "Nora New works in the office now, as an administrator."
    )
    assert add("nora@example.org").startswith(
        "Nora New already works in the office, as an administrator."
    )
