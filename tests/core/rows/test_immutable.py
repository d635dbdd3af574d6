"""The history and consents are only added to: by the models, and by SQL."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from portal.core.models import HistoryEntry
from portal.core.rows.history import record
from portal.core.rows.immutable import Immutable
from portal.people.models import ConsentEvent, Purpose

pytestmark = pytest.mark.django_db

SENTENCE = "Rows that are written once do not change"


@pytest.fixture(params=[HistoryEntry, ConsentEvent])
def row(request, alice):
    if request.param is HistoryEntry:
        record("looked at", alice, actor=alice, at=timezone.now())
        return HistoryEntry.objects.get(act="looked at")
    return ConsentEvent.objects.create(
        person=alice,
        purpose=Purpose.BULLETIN,
        granted=True,
        wording="Send me the Bulletin",
        source="a page",
        actor_label=str(alice),
    )


def test_sql_is_refused(row):
    with (
        pytest.raises(DatabaseError, match=SENTENCE),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE {row._meta.db_table} SET id = id WHERE id = %s", [row.pk])


def test_a_saved_row_is_not_saved_again(row):
    with pytest.raises(Immutable, match=SENTENCE):
        row.save()
    with pytest.raises(Immutable, match=SENTENCE):
        type(row).objects.get(pk=row.pk).save()


def test_sets_of_rows_are_refused(row):
    rows = type(row).objects.filter(pk=row.pk)

    with pytest.raises(Immutable, match=SENTENCE):
        rows.update(actor_label="somebody else")
    with pytest.raises(Immutable, match=SENTENCE):
        type(row).objects.bulk_update([row], ["actor_label"])


def test_who_is_erased_leaves_no_entries(row):
    """UK GDPR, Article 17."""
    rows = type(row).objects.filter(pk=row.pk)

    rows.delete()

    assert not rows.exists()
