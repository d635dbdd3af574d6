"""An invitation is accepted while a sign-up with the same address is confirmed.

Both touch the account of the address and the person who has it. Whichever comes first, the person
has one account, and neither waits for the other for ever.
"""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import RequestFactory
from django.utils import timezone

from portal.accounts.adapters import AccountAdapter
from portal.accounts.models import User
from portal.people.inviting import InvitationUnusable, accept
from portal.people.models import Person
from tests import factories
from tests.concurrency.together import together
from tests.people.test_inviting import token_of

pytestmark = pytest.mark.django_db(transaction=True)

TIMES = 10


@pytest.mark.parametrize("time", range(TIMES))
def test_one_account_whichever_comes_first(rf: RequestFactory, time: int) -> None:
    ina = factories.person("Ina", "Invited", email="ina@example.org", has_account=False)
    token = token_of(ina)
    signed_up = User.objects.create_user(ina.email, "typed at sign-up")
    address = EmailAddress.objects.create(user=signed_up, email=ina.email)
    request = rf.get("/")
    request._messages = CookieStorage(request)

    accepted, confirmed = together(
        [
            lambda: accept(token, password="three words together", at=timezone.now()),
            lambda: AccountAdapter().confirm_email(request, address),
        ]
    )

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
