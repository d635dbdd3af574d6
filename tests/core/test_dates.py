"""Reading and writing times of Europe/London, both clock changes included."""

from datetime import UTC, datetime

import pytest

from portal.core.dates import LONDON, period, read_time


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2027-01-15 09:30", datetime(2027, 1, 15, 9, 30, tzinfo=UTC)),
        ("15/07/2027 09:30", datetime(2027, 7, 15, 8, 30, tzinfo=UTC)),
        ("2027-07-15T09:30:00", datetime(2027, 7, 15, 8, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_as_london_shows_it(typed, moment):
    assert read_time(typed) == moment


def test_a_time_that_autumn_repeats_is_the_first_and_equals_what_was_stored():
    assert read_time("2027-10-31 01:30") == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["2027-03-28 01:30", "2027-03-31 25:00", "2027-03-31", "soon"])
def test_what_is_no_time_is_told(typed):
    with pytest.raises(ValueError, match=r"write it as 2027-03-31 09:30|clocks go forward"):
        read_time(typed)


def test_the_times_of_one_day_stay_on_one_line():
    day = datetime(2027, 7, 6, 9, 30, tzinfo=LONDON)

    assert period(day, day.replace(hour=16, minute=0)) == (
        "Tuesday 6 July 2027, 9:30am\u00a0to\u00a04pm"
    )


def test_an_event_of_several_days_names_both():
    first = datetime(2027, 7, 6, 12, tzinfo=LONDON)

    assert period(first, first.replace(day=7, hour=14)) == (
        "Tuesday 6 July 2027, midday, to Wednesday 7 July 2027, 2pm"
    )


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        (datetime(2027, 6, 2, 0, 0, tzinfo=LONDON), "Tuesday 1 June 2027, 7pm to midnight"),
        (
            datetime(2027, 6, 2, 0, 30, tzinfo=LONDON),
            "Tuesday 1 June 2027, 7pm, to Wednesday 2 June 2027, 12:30am",
        ),
        (
            datetime(2027, 6, 3, 0, 0, tzinfo=LONDON),
            "Tuesday 1 June 2027, 7pm, to Wednesday 2 June 2027, midnight",
        ),
    ],
)
def test_the_end_is_the_moment_from_which_it_is_over(ends, words):
    starts = datetime(2027, 6, 1, 19, 0, tzinfo=LONDON)

    assert period(starts, ends).replace("\u00a0", " ") == words
