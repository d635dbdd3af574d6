"""An invitation is accepted while a sign-up with the same address is confirmed.

Both touch the account of the address and the person who has it. Whichever comes first, the person
has one account, and neither waits for the other for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError
from django.db.models import QuerySet
from django.test import RequestFactory
from django.utils import timezone

from portal.accounts import adapters
from portal.accounts.adapters import AccountAdapter
from portal.accounts.models import User
from portal.people import attaching_accounts, inviting
from portal.people.inviting import InvitationUnusable, accept
from portal.people.models import Person
from tests import factories
from tests.concurrency.meanwhile import Meanwhile
from tests.concurrency.together import together
from tests.people.test_inviting import token_of

pytestmark = pytest.mark.django_db(transaction=True)

TIMES = 10


@pytest.fixture
def token() -> str:
    """The link of an invitation to somebody who has signed up as well, not confirmed yet."""
    ina = factories.person("Ina", "Invited", email="ina@example.org", has_account=False)
    link = token_of(ina)
    signed_up = User.objects.create_user(ina.email, "typed at sign-up")
    EmailAddress.objects.create(user=signed_up, email=ina.email)
    return link


def accepting(token: str) -> object:
    return accept(token, password="three words together", at=timezone.now())


def confirming(rf: RequestFactory) -> Callable[[], bool]:
    address = EmailAddress.objects.select_related("user").get()
    request = rf.get("/")
    request.session = SessionStore()
    request._messages = CookieStorage(request)
    return lambda: AccountAdapter().confirm_email(request, address)


def without_accounts(lock: Callable[..., Any], read: list[User]) -> Callable[..., Any]:
    """The same lock, but accounts are taken as they were read, without one."""

    def locked(rows: QuerySet[Any], **how: bool) -> Any:
        if rows.model is not User:
            return lock(rows, **how)
        return read[0] if lock.__name__ == "lock_one" else read

    return locked


def outcome_of(act: Callable[[], object]) -> object:
    try:
        return act()
    except Exception as error:
        return error


@pytest.mark.parametrize("time", range(TIMES))
def test_one_account_whichever_comes_first(rf: RequestFactory, token: str, time: int) -> None:
    accepted, confirmed = together([lambda: accepting(token), confirming(rf)])

    if isinstance(accepted, User):
        assert confirmed is False
        password = "three words together"
    else:
        assert isinstance(accepted, InvitationUnusable)
        assert confirmed is True
        password = "typed at sign-up"
    assert Person.objects.get().user == User.objects.get()
    assert User.objects.get().check_password(password)
    assert EmailAddress.objects.get().verified


@pytest.mark.skipif("__import__('django.conf').conf.settings.SQLITE")
def test_control_without_the_locks_on_the_account_they_wait_for_each_other(
    rf: RequestFactory, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL ends one of them. On SQLite the write transaction is the lock: nobody waits so."""
    read = list(User.objects.all())
    confirmed = Meanwhile(confirming(rf))
    for module, name in ((adapters, "lock"), (inviting, "lock"), (attaching_accounts, "lock_one")):
        monkeypatch.setattr(module, name, without_accounts(getattr(module, name), read))
    monkeypatch.setattr(inviting, "open_account", confirmed.around(inviting.open_account))

    done = [outcome_of(lambda: accepting(token)), confirmed.end()]

    assert [type(each) for each in done].count(OperationalError) == 1
