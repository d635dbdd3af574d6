"""An old hash is made anew while somebody else signs in to the account, or changes its password."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.test import Client

from portal.accounts import adapters, old_hashes
from portal.accounts.models import User
from portal.people.models import Person
from tests import factories
from tests.accounts.test_sign_in import sign_in
from tests.concurrency.together import together

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "three quite new words"


class Before(MD5PasswordHasher):
    algorithm = "before"


@pytest.fixture
def old(alice: Person, settings: Any) -> Person:
    settings.PASSWORD_HASHERS = ["tests.hashing.FastHasher", f"{__name__}.Before"]
    made = Before().encode(factories.PASSWORD, Before().salt())
    User.objects.filter(pk=alice.user_id).update(password=made)
    return alice


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Somebody does all of it while the first has found the password right and made no hash yet.

    No lock is held then, so the other never waits.
    """
    acts = [act]

    def after_them(password: str) -> str:
        while acts:
            together([acts.pop()])
        return make_password(password)

    monkeypatch.setattr(old_hashes, "make_password", after_them)


def is_in(browser: Client) -> bool:
    return browser.get("/account/").status_code == 200


def test_of_two_who_sign_in_at_once_both_are_in(
    old: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Client(), Client()
    meanwhile(monkeypatch, lambda: sign_in(second, old.email, factories.PASSWORD))

    assert sign_in(first, old.email, factories.PASSWORD)["Location"] == "/"

    assert (is_in(first), is_in(second)) == (True, True)
    assert User.objects.get(pk=old.user_id).password.startswith("md5$")


def test_control_where_each_makes_its_own_the_second_is_out(
    old: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Client(), Client()

    def made_by_each(user: User, password: str) -> bool:
        user.password = old_hashes.make_password(password)
        user.save(update_fields=["password"])
        return True

    monkeypatch.setattr(adapters, "renew_hash", made_by_each)
    meanwhile(monkeypatch, lambda: sign_in(second, old.email, factories.PASSWORD))

    sign_in(first, old.email, factories.PASSWORD)

    assert (is_in(first), is_in(second)) == (True, False)


def test_a_password_that_was_replaced_meanwhile_opens_nothing(
    old: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replaced() -> None:
        User.objects.filter(pk=old.user_id).update(password=make_password(NEW))

    thief = Client()
    meanwhile(monkeypatch, replaced)

    page = sign_in(thief, old.email, factories.PASSWORD)

    assert page.status_code == 200
    assert "email address or password is wrong" in page.text
    assert not is_in(thief)
    assert sign_in(Client(), old.email, NEW)["Location"] == "/"
