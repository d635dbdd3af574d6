"""The cells of the events file on sessions, what an option covers of them, and shared places.

`sessions`: “Day 1: 2027-05-05 09:30 to 17:00 (6 points); Day 2: 2027-05-06 09:00 to 16:00”. The end
is a time of the same day, or a day and a time. `covers`: “Day 1; Day 2”. `pool`: “Room: 20”.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

from portal.core.dates import read_time
from portal.core.sheets import Problem, Row
from portal.core.sheets.cells import at_most
from portal.core.sheets.problems import shortened
from portal.core.text.comparing import as_words
from portal.events.scheduling import Planned

_LIKE = "write it as in Day 1: 2027-05-05 09:30 to 17:00 (6 points)"
_DAY = r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4}"
_SESSION = re.compile(
    rf"(?P<name>[^:;]+?)\s*:\s*(?P<day>{_DAY})[ T](?P<starts>\d{{1,2}}:\d{{2}})\s+to\s+"
    rf"(?:(?P<last>{_DAY})[ T])?(?P<ends>\d{{1,2}}:\d{{2}})"
    r"(?:\s*\((?P<points>\d{1,3}(?:\.\d{1,2})?)(?: points?)?\))?"
)


def read_sessions(cell: str) -> list[Planned]:
    """The sessions in the order of time. Raises ValueError with a sentence."""
    sessions = [_session(text) for text in _parts(cell)]
    names = [as_words(session.name) for session in sessions]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"“{name}” is there twice. Give each session its own name")
    if len(sessions) == 1:
        raise ValueError(
            "An event with one session needs no list of sessions. Leave the cell empty"
        )
    return sorted(sessions, key=lambda session: session.starts)


def read_names(cell: str) -> list[str]:
    """The names of sessions."""
    return _parts(cell)


def read_number(cell: str) -> int:
    """How many sessions the attendee chooses. Raises ValueError with a sentence."""
    if not re.fullmatch(r"[1-9][0-9]?", cell):
        raise ValueError(f"“{cell[:40]}” is not a number of sessions to choose: write it as in 1")
    return int(cell)


def read_pool(cell: str) -> tuple[str, int]:
    """“Room: 20”: the pool whose places the option shares, and how many those are.

    Raises ValueError with a sentence.
    """
    match = re.fullmatch(r"(?P<name>[^:;]+?)\s*:\s*(?P<places>[0-9]{1,5})", cell)
    if match is None:
        raise ValueError(f"“{cell[:40]}” is not a pool of places: write it as in Room: 20")
    return at_most(" ".join(match["name"].split()), 80, "The name of a pool"), int(match["places"])


def _parts(cell: str) -> list[str]:
    return [" ".join(part.split()) for part in re.split(r"[;\n]", cell) if part.strip()]


def _session(text: str) -> Planned:
    match = _SESSION.fullmatch(text)
    if match is None:
        raise ValueError(f"“{text[:60]}” is not a session: {_LIKE}")
    starts = read_time(f"{match['day']} {match['starts']}")
    ends = read_time(f"{match['last'] or match['day']} {match['ends']}")
    name = at_most(match["name"], 80, "The name of a session")
    if ends <= starts:
        raise ValueError(f"“{name}” must end after it starts")
    return Planned(name, starts, ends, Decimal(match["points"]) if match["points"] else None)


def wrong_sessions(
    row: Row, sessions: list[Planned], starts: datetime, ends: datetime
) -> list[Problem]:
    """An event begins with its first session and ends with its last."""
    times = (sessions[0].starts, max(session.ends for session in sessions))
    wrong = [
        (column, word)
        for column, word, ours, theirs in (
            ("starts", "first session begins", starts, times[0]),
            ("ends", "last session ends", ends, times[1]),
        )
        if ours != theirs
    ]
    return [
        Problem(row.line, column, f"Give the time when the {word}", shortened(row.cells[column]))
        for column, word in wrong
    ]
