"""Words of messages that carry a link or code no longer stand readable in the outbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db import migrations

from portal.core.machine.sealing import Unreadable, seal, unseal

PURPOSE = "mail"


def seal_words(apps: Any, schema_editor: Any) -> None:
    mails = apps.get_model("core", "OutgoingMail").objects.using(schema_editor.connection.alias)
    for one in _each(mails, mails.filter(is_secret=True).exclude(text="", html="")):
        words = json.dumps(one.values("text", "html").get())
        one.update(text="", html="", sealed=seal(words, purpose=PURPOSE))


def open_words(apps: Any, schema_editor: Any) -> None:
    """Back to what an older portal can send; what no key opens stays sealed."""
    mails = apps.get_model("core", "OutgoingMail").objects.using(schema_editor.connection.alias)
    for one in _each(mails, mails.exclude(sealed="")):
        try:
            words = json.loads(unseal(one.get().sealed, purpose=PURPOSE))
        except Unreadable:
            continue
        one.update(**words, sealed="")


def _each(mails: Any, wanted: Any) -> Iterator[Any]:
    """One at a time: an invitation of everybody may wait."""
    for key in list(wanted.order_by("pk").values_list("pk", flat=True)):
        yield mails.filter(pk=key)


class Migration(migrations.Migration):
    dependencies = [("core", "0007_clock_mark")]

    operations = [migrations.RunPython(seal_words, open_words)]
