"""Calendar files (RFC 5545) of registrations, for the person attending and the person who booked.

Times are UTC, which every calendar shows in its own zone, clock changes included. The identity of
an entry is kept with the registration and stays the same for ever; its sequence rises when the
event changes, so that opening a newer file replaces the older entry. The organizer is the body's
office. The joining link is in it: only the registered get the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from portal.core.body.details import the_body
from portal.core.web.links import absolute_url
from portal.events.models import Registration, Session

if TYPE_CHECKING:
    import icalendar


def calendar_file(registrations: Iterable[Registration], *, at: datetime) -> str:
    """The text of the file, made at this time, with one entry for each registration.

    Who takes part in some sessions only (`load_sessions`) has an entry for each of them.
    """
    import icalendar  # here: loading it takes a tenth of the portal's start

    body = the_body()
    organizer = icalendar.vCalAddress(f"mailto:{body.office_email}")
    organizer.params["CN"] = icalendar.vText(body.name)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Portal//Events//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for registration in registrations:
        for session in registration.attends or (None,):
            entry = _entry(registration, session, at)
            entry["organizer"] = organizer
            calendar.add_component(entry)
    content: bytes = calendar.to_ical()
    return content.decode()


def _entry(registration: Registration, session: Session | None, at: datetime) -> icalendar.Event:
    import icalendar

    event = registration.event
    entry = icalendar.Event()
    part = f"session-{session.pk}-" if session else ""
    entry.add("uid", f"{part}{registration.calendar_uid}")
    entry.add("sequence", event.revision)
    entry.add("dtstamp", at.astimezone(UTC))
    time = session or event
    entry.add("dtstart", time.starts.astimezone(UTC))
    entry.add("dtend", time.ends.astimezone(UTC))
    name = session.name if session else ""
    entry.add("summary", f"{event.title}: {name}" if name else event.title)
    entry.add("location", (session and session.place) or event.place or "Online")
    entry.add("url", event.online_link or absolute_url("events:event", event.code))
    entry.add("description", "\n".join(_description(registration)))
    entry.add("status", "CONFIRMED")
    return entry


def _description(registration: Registration) -> Iterable[str]:
    event = registration.event
    if event.online_link:
        yield f"Joining link: {event.online_link}"
    yield f"For: {registration.attendee.full_name}"
    yield f"Order: {registration.order.number}"
    yield f"About the event: {absolute_url('events:event', event.code)}"
