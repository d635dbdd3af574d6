"""Dates, times, Markdown and icons, in every template without `load`."""

from __future__ import annotations

from datetime import date, datetime

from django import template

from portal.core import dates
from portal.core.readiness import all_missing
from portal.core.text.markdown import to_html
from portal.core.web.icons import icon
from portal.core.web.links import address

register = template.Library()

register.filter("markdown", to_html)
register.filter("clock", dates.clock)
register.simple_tag(icon)


@register.simple_tag
def still_missing() -> list[str]:
    """What the office has yet to enter today, each with its page where there is one."""
    return all_missing(dates.today())


register.simple_tag(address)  # as `url`, worked out once


@register.filter
def long_date(value: date | datetime) -> str:
    return dates.long_date(_day(value))


@register.filter
def short_date(value: date | datetime) -> str:
    return dates.short_date(_day(value))


@register.filter
def period(event: object) -> str:
    """When something with `starts` and `ends` is."""
    return dates.period(event.starts, event.ends)  # type: ignore[attr-defined]


def _day(value: date | datetime) -> date:
    return dates.on_day(value) if isinstance(value, datetime) else value
