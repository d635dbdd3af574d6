"""Two administrators who take each other's rights at once: one of them is left."""

from __future__ import annotations

import pytest
from django.utils import timezone

from portal.accounts import staff
from portal.accounts.models import User
from portal.accounts.staff import Standing, set_standing
from portal.core.office.administering import NotAdministrator
from tests import factories
from tests.concurrency.together import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pair():
    made = [factories.person(name, "Admin", is_staff=True).user for name in ("Ada", "Bea")]
    User.objects.update(is_superuser=True)
    return [user.pk for user in made]


def each_takes_the_other(pair):
    ada, bea = ([User.objects.get(pk=pk) for pk in pair] for _ in range(2))
    return together([lambda: take(ada[1], by=ada[0]), lambda: take(bea[0], by=bea[1])])


def take(other, by):
    now = timezone.now()
    member = Standing(is_active=True, is_staff=False, is_superuser=False)
    return set_standing(other, member, actor=by, proved_at=now, at=now)


def test_one_of_them_is_left(pair):
    done = each_takes_the_other(pair)

    assert {type(each) for each in done} == {User, NotAdministrator}
    assert User.objects.administrators().count() == 1


def test_control_without_the_lock_none_is(pair, monkeypatch):
    """Both go by what they read before either of them wrote."""
    monkeypatch.setattr(staff, "_locked", lambda user, actor: (user, actor))

    each_takes_the_other(pair)

    assert User.objects.administrators().count() == 0
