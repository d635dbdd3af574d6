"""PostgreSQL set to lose commits at a power cut is told, on a portal that people use."""

import pytest
from django.db import connection

from portal.core.dates import today
from portal.core.machine.durability import unsafe
from portal.core.readiness import missing

pytestmark = pytest.mark.django_db

only_postgresql = pytest.mark.skipif("__import__('django.conf').conf.settings.SQLITE")
SENTENCE = (
    "PostgreSQL runs with synchronous_commit off, so a power cut may lose what people were "
    "told, and give somebody else an invoice number that has already been mailed. Set "
    "synchronous_commit to on."
)


def set_commits(value):
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL synchronous_commit = {value}")


@only_postgresql
def test_commits_that_are_not_kept_are_told():
    set_commits("off")
    assert unsafe()[-1] == SENTENCE
    for value in ("on", "local", "remote_apply"):
        set_commits(value)
        assert SENTENCE not in unsafe()


@only_postgresql
@pytest.mark.parametrize(("local", "told"), [(True, False), (False, True)])
def test_only_a_portal_on_the_net_is_held_to_it(settings, local, told):
    """A trial on one's own machine, as the tests are, may be quick instead."""
    set_commits("off")
    settings.LOCAL = local

    assert (SENTENCE in missing(today())) is told


@pytest.mark.skipif("not __import__('django.conf').conf.settings.SQLITE")
def test_sqlite_goes_by_the_settings():
    assert unsafe() == []
