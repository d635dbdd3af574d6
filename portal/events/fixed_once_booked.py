"""What people already rely on, so that neither the office nor an import changes it.

Once a place of an event is taken (booked, or held to be booked), its dates, its sessions and its
kind stay; of an option with places taken the price stays, and neither it nor the pool it shares has
fewer places than are taken. A session is the same whose name is, in the form for comparing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from portal.core.money import Money
from portal.core.text.comparing import as_words
from portal.events.models import Event, RegistrationOption
from portal.events.scheduling import Planned

WHEN_BOOKED = "once somebody has booked or is booking a place"
FIXED = {
    "starts": "The start cannot be changed",
    "ends": "The end cannot be changed",
    "kind": "The kind decides the VAT, so it cannot be changed",
}


def event_refusals(
    event: Event, options: Iterable[RegistrationOption], wanted: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Field and sentence of each change that is refused; `options` are its own, `with_taken`."""
    if not any(option.taken for option in options):
        return
    for field, sentence in FIXED.items():
        if field in wanted and wanted[field] != getattr(event, field):
            yield field, f"{sentence} {WHEN_BOOKED}"


def sessions_refusal(
    event: Event, options: Iterable[RegistrationOption], planned: Sequence[Planned]
) -> str:
    """Why the sessions cannot become those planned; empty where they can."""
    if not any(option.taken for option in options):
        return ""
    wanted = {(as_words(plan.name), plan.starts, plan.ends) for plan in planned}
    now = {(as_words(one.name), one.starts, one.ends) for one in event.sessions.all() if one.name}
    return "" if wanted == now else f"The sessions cannot be changed {WHEN_BOOKED}"


def covers_refusal(option: RegistrationOption, *, covers: Iterable[str], choose: int | None) -> str:
    """Why an option cannot cover these sessions, by their names; empty where it can."""
    if not option.taken:
        return ""
    now = {as_words(session.name) for session in option.sessions.all()}
    if choose == option.choose and now == {as_words(name) for name in covers}:
        return ""
    return f"The sessions that the option covers cannot be changed {WHEN_BOOKED}"


def option_refusals(
    option: RegistrationOption, *, price: Money | None, places: int | None
) -> Iterator[tuple[str, str]]:
    """Field and sentence of each change that is refused. The option is as saved, `with_taken`."""
    if not option.taken:
        return
    if price is not None and price != option.price:
        yield "price", f"The price is {option.price} and cannot be changed {WHEN_BOOKED}"
    if places is not None and places < option.taken:
        yield "places", _too_few(option.taken)


def pool_refusal(options: Iterable[RegistrationOption], *, places: int) -> str:
    """Why these options, `with_taken`, cannot share so many places; empty where they can."""
    taken = sum(option.taken for option in options)
    return _too_few(taken) if places < taken else ""


def _too_few(taken: int) -> str:
    return f"Enter {taken} or more places, because {taken} {'is' if taken == 1 else 'are'} taken"
