"""What the pages of events look up inside a query, written out in SQL.

Why they are not built from querysets: docs/decisions/0006-subqueries-written-out.md. Every value
is a parameter, every name comes from the models: `[Hold]` is the table of a model of events,
`[Hold.option]` the column of its field. The SQL is that of SQLite and PostgreSQL alike.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import F, Func, Value

_NAME = re.compile(r"\[(\w+)(?:\.(\w+))?\]")


@cache
def _with_names(sql: str) -> str:
    return _NAME.sub(_name, sql)


def _name(found: re.Match[str]) -> str:
    meta = apps.get_model("events", found[1])._meta
    return f'"{meta.get_field(found[2]).column if found[2] else meta.db_table}"'


class Written(Func):
    """A subquery as text; each `{}` stands for an argument, in order."""

    def __init__(self, sql: str, *arguments: Any, output_field: models.Field[Any, Any]) -> None:
        super().__init__(*arguments, output_field=output_field)
        self.sql = sql

    def as_sql(self, compiler: Any, *_: Any, **__: Any) -> tuple[str, tuple[Any, ...]]:
        compiled = [compiler.compile(argument) for argument in self.get_source_expressions()]
        params = tuple(param for _, its_params in compiled for param in its_params)
        return _with_names(self.sql).format(*(part for part, _ in compiled)), params


# What `RegistrationQuerySet.taking_a_place` says, of a registration r.
TAKING_A_PLACE = "r.[Registration.cancelled_at] IS NULL"
_KEEPS_A_PLACE = "h.[Hold.lost_at] IS NULL AND b.[Basket.expires_at] > {} AND b.[Basket.id] <> {}"
_HOLDS = "[Hold] h JOIN [Basket] b ON b.[Basket.id] = h.[Hold.basket]"


def places_taken(at: datetime, besides: int) -> Written:
    """Of an option: registrations that take a place, and live holds without those of one basket."""
    return Written(
        "((SELECT COUNT(*) FROM [Registration] r"  # noqa: S608 - of constants
        f" WHERE {TAKING_A_PLACE} AND r.[Registration.option] = {{}})"
        f" + (SELECT COUNT(*) FROM {_HOLDS} WHERE h.[Hold.option] = {{}} AND {_KEEPS_A_PLACE}))",
        F("pk"),
        F("pk"),
        Value(at, output_field=models.DateTimeField()),
        Value(besides),
        output_field=models.IntegerField(),
    )


def left_in_pool(at: datetime, besides: int) -> Written:
    """Of an option: the places left of its pool, counted over all its options; NULL without one."""
    shares = "o.[RegistrationOption.pool] = p.[Pool.id]"
    option = "JOIN [RegistrationOption] o ON o.[RegistrationOption.id]"
    return Written(
        "(SELECT p.[Pool.places]"  # noqa: S608 - of constants
        f" - (SELECT COUNT(*) FROM [Registration] r {option} = r.[Registration.option]"
        f" WHERE {TAKING_A_PLACE} AND {shares})"
        f" - (SELECT COUNT(*) FROM {_HOLDS} {option} = h.[Hold.option]"
        f" WHERE {shares} AND {_KEEPS_A_PLACE})"
        " FROM [Pool] p WHERE p.[Pool.id] = {})",
        Value(at, output_field=models.DateTimeField()),
        Value(besides),
        F("pool"),
        output_field=models.IntegerField(),
    )


def tax_code(kind: str, on: date) -> Written:
    """How the kind named by a field is taxed on a day."""
    return Written(
        "(SELECT t.[EventTax.tax_code] FROM [EventTax] t"
        " WHERE t.[EventTax.kind] = {} AND t.[EventTax.valid_from] <= {}"
        " ORDER BY t.[EventTax.valid_from] DESC, t.[EventTax.id] DESC LIMIT 1)",
        F(kind),
        Value(on, output_field=models.DateField()),
        output_field=models.CharField(),
    )


def usual_terms(on: date) -> Written:
    """The booking terms of the rules in force on a day."""
    return Written(
        "(SELECT b.[BookingRules.terms] FROM [BookingRules] b"
        " WHERE b.[BookingRules.valid_from] <= {}"
        " ORDER BY b.[BookingRules.valid_from] DESC, b.[BookingRules.id] DESC LIMIT 1)",
        Value(on, output_field=models.DateField()),
        output_field=models.TextField(),
    )


def registration_of(person: Value | F) -> Written:
    """Of an event: the key of the registration by which the person has a place."""
    return Written(
        f"(SELECT r.[Registration.id] FROM [Registration] r WHERE {TAKING_A_PLACE}"  # noqa: S608
        " AND r.[Registration.event] = {} AND r.[Registration.attendee] = {})",
        F("pk"),
        person,
        output_field=models.BigIntegerField(),
    )


def hold_of(person: Value | F) -> Written:
    """Of an event: the key of the person's hold in their own basket."""
    return Written(
        "(SELECT h.[Hold.id] FROM [Hold] h JOIN [Basket] b ON b.[Basket.id] = h.[Hold.basket]"
        " WHERE h.[Hold.event] = {} AND h.[Hold.attendee] = {}"
        " AND b.[Basket.owner] = h.[Hold.attendee])",
        F("pk"),
        person,
        output_field=models.BigIntegerField(),
    )


def has_parts() -> Written:
    """Whether an event has sessions with names: parts that are entered for themselves."""
    return Written(
        "(EXISTS (SELECT 1 FROM [Session] s"
        " WHERE s.[Session.event] = {} AND s.[Session.name] <> ''))",
        F("pk"),
        output_field=models.BooleanField(),
    )


def has_registration(attendee: str, event: str) -> Written:
    """Whether the attendee is registered for the event, both named by a field."""
    return Written(
        f"(EXISTS (SELECT 1 FROM [Registration] r WHERE {TAKING_A_PLACE}"  # noqa: S608
        " AND r.[Registration.attendee] = {} AND r.[Registration.event] = {}))",
        F(attendee),
        F(event),
        output_field=models.BooleanField(),
    )
