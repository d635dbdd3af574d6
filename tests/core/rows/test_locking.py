"""What waits for a lock, and what does not. On PostgreSQL: SQLite locks the whole database."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from portal.core.rows.locking import lock
from portal.events.models import Basket
from portal.people.models import Person
from tests.concurrency.together import together

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("__import__('django.conf').conf.settings.SQLITE"),
]


def impatiently(act):
    """Do it in another connection, which gives up where it has to wait."""

    def at_once():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '300ms'")
        return act()

    return together([at_once])[0]


def add_basket(owner):
    now = timezone.now()
    return Basket.objects.create(
        owner=owner, held_since=now, expires_at=now + timedelta(minutes=30)
    )


def test_a_row_that_refers_to_a_locked_one_can_be_added(alice):
    with transaction.atomic():
        lock(Person.objects.all())

        assert isinstance(impatiently(lambda: add_basket(alice)), Basket)


def test_not_to_one_that_is_locked_to_be_deleted(alice):
    with transaction.atomic():
        lock(Person.objects.all(), for_deletion=True)

        assert isinstance(impatiently(lambda: add_basket(alice)), OperationalError)


@pytest.mark.parametrize("for_deletion", [False, True])
def test_a_locked_row_is_neither_locked_nor_changed_by_another(alice, for_deletion):
    def lock_too():
        with transaction.atomic():
            return lock(Person.objects.all(), for_deletion=for_deletion)

    with transaction.atomic():
        lock(Person.objects.all())

        assert isinstance(impatiently(lock_too), OperationalError)
        assert isinstance(impatiently(lambda: Person.objects.update(title="Dr")), OperationalError)
