"""The sessions of an event: at least one, and the days of a conference."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from portal.core.dates import period
from portal.events.models.programme import Event


class Session(models.Model):
    """A part of an event with its own time. An event of one session is that session.

    The event begins with its first session and ends with its last: scheduling.py keeps it so.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="sessions")
    name = models.CharField(
        max_length=80,
        blank=True,
        help_text="Such as Day 1. Leave it empty if there is only one session.",
    )
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    place = models.CharField(
        max_length=200, blank=True, help_text="Leave it empty to use the place of the event."
    )
    cpd_points = models.DecimalField(
        "CPD points",
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=(
            "For people who attend only some of the sessions. People who attend all of them "
            "get the points of the event."
        ),
    )

    class Meta:
        ordering = ["starts", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["event", "name"], name="one_session_of_a_name"),
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")),
                name="session_ends_after_start",
                violation_error_message="The session must end after it starts.",
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(self.event)

    @property
    def when_and_where(self) -> str:
        """As `when`, with its own place."""
        return f"{self.when}, {self.place}" if self.place else self.when

    @property
    def when(self) -> str:
        """“Day 1, Wednesday 5 May 2027, 9:30am to 5pm”."""
        time = period(self.starts, self.ends)
        return f"{self.name}, {time}" if self.name else time
