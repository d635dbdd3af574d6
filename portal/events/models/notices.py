"""Changes that the people registered for an event have not been told of yet."""

from __future__ import annotations

from django.db import models

from portal.events.models.programme import Event


class ChangeNotice(models.Model):
    """An event has changed, and the people registered are to be told: one row, however many
    changes.

    Written in the transaction of the change, and gone with that of the mails (changing_events.py).
    """

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="change_notice")
    before = models.JSONField(help_text="What registered people were last told, in words.")
    is_postponed = models.BooleanField(default=False)
    words = models.TextField(blank=True, help_text="The office’s own message about it.")
    changed_at = models.DateTimeField(help_text="The last of the changes.")

    def __str__(self) -> str:
        return f"Change of {self.event}"
