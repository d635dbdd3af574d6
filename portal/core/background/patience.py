"""Keeping a worker alive until it is stopped: while the machine fails, it waits and then carries
on.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from portal.core.background.registry import wait_to_stop
from portal.core.machine.faults import fault_of
from portal.core.machine.outages import outage

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0
# Seconds of work after which the next pause is the first one again.
WELL = 60.0


class Interrupted(Exception):
    """The work ended without having been stopped; what kept it from going on is told already."""


def keep_at(work: Callable[[], None], *, is_over: Callable[[], bool]) -> None:
    """Do this work until it returns or is over, again after each fault of the machine that passes.

    Raises what is not the machine's fault, and what does not pass, such as a wrong password.
    """
    pause = 0.0
    while not is_over():
        begun = time.monotonic()
        try:
            work()
        except Interrupted:
            pass
        except Exception as error:
            fault = fault_of(error)
            if fault is None or not fault.passes:
                raise
            outage.note(error)
        else:
            return
        pause = next_pause(pause, time.monotonic() - begun)
        wait(pause, is_over=is_over)


def next_pause(before: float, lived: float) -> float:
    """Seconds until the next try: twice as long each time it fails soon."""
    if lived > WELL or not before:
        return FIRST_PAUSE
    return min(before * 2, LONGEST_PAUSE)


def wait(seconds: float, *, is_over: Callable[[], bool]) -> None:
    """This long, or until it is over; looks each half second whether it is."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0 and not is_over():
        wait_to_stop(min(left, 0.5))
