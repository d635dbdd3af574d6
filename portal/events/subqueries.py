"""What the pages of events look up inside a query, written out in SQL.

The same subqueries built from querysets cost four times the processor time of the whole query
(measured: options of an event with their places taken, 1.8 ms built, 0.5 ms written), and the
event page is the busiest of the portal. Every value is a parameter; the SQL is that of SQLite and
PostgreSQL alike.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import F, Func, Value


class Written(Func):
    """A subquery as text; each `{}` stands for an argument, in order."""

    def __init__(self, sql: str, *arguments: Any, output_field: models.Field[Any, Any]) -> None:
        super().__init__(*arguments, output_field=output_field)
        self.sql = sql

    def as_sql(self, compiler: Any, *_: Any, **__: Any) -> tuple[str, tuple[Any, ...]]:
        compiled = [compiler.compile(argument) for argument in self.get_source_expressions()]
        params = tuple(param for _, its_params in compiled for param in its_params)
        return self.sql.format(*(part for part, _ in compiled)), params


def places_registered() -> Written:
    """Of an option: its registrations."""
    return Written(
        "(SELECT COUNT(*) FROM events_registration r WHERE r.option_id = {})",
        F("pk"),
        output_field=models.IntegerField(),
    )


def places_held(at: datetime, besides: int) -> Written:
    """Of an option: its live holds, without those of the basket of this key."""
    return Written(
        "(SELECT COUNT(*) FROM events_hold h JOIN events_basket b ON b.id = h.basket_id"
        " WHERE h.option_id = {} AND h.lost_at IS NULL AND b.expires_at > {} AND b.id <> {})",
        F("pk"),
        Value(at, output_field=models.DateTimeField()),
        Value(besides),
        output_field=models.IntegerField(),
    )


def tax_code(kind: str, on: date) -> Written:
    """How the kind named by a field is taxed on a day."""
    return Written(
        "(SELECT t.tax_code FROM events_eventtax t WHERE t.kind = {} AND t.valid_from <= {}"
        " ORDER BY t.valid_from DESC, t.id DESC LIMIT 1)",
        F(kind),
        Value(on, output_field=models.DateField()),
        output_field=models.CharField(),
    )


def usual_terms(on: date) -> Written:
    """The booking terms of the rules in force on a day."""
    return Written(
        "(SELECT b.terms FROM events_bookingrules b WHERE b.valid_from <= {}"
        " ORDER BY b.valid_from DESC, b.id DESC LIMIT 1)",
        Value(on, output_field=models.DateField()),
        output_field=models.TextField(),
    )


def registration_of(person: int | None) -> Written:
    """Of an event: the key of the person's registration."""
    return Written(
        "(SELECT r.id FROM events_registration r WHERE r.event_id = {} AND r.attendee_id = {})",
        F("pk"),
        Value(person or 0),
        output_field=models.BigIntegerField(),
    )


def hold_of(person: int | None) -> Written:
    """Of an event: the key of the person's hold in their own basket."""
    return Written(
        "(SELECT h.id FROM events_hold h JOIN events_basket b ON b.id = h.basket_id"
        " WHERE h.event_id = {} AND h.attendee_id = {} AND b.owner_id = h.attendee_id)",
        F("pk"),
        Value(person or 0),
        output_field=models.BigIntegerField(),
    )


def has_registration(attendee: str, event: str) -> Written:
    """Whether the attendee is registered for the event, both named by a field."""
    return Written(
        "(EXISTS (SELECT 1 FROM events_registration r"
        " WHERE r.attendee_id = {} AND r.event_id = {}))",
        F(attendee),
        F(event),
        output_field=models.BooleanField(),
    )
