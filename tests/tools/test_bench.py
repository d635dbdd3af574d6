"""What the bench says of what it measured: its ratios, spread, bounds and table can be wrong."""

import re

import pytest

from tools.bench import __main__ as command
from tools.bench import booking, first_walk
from tools.bench.figures import Row, Table, at_least, at_most, beside, chosen, spread
from tools.bench.importing import a_person
from tools.bench.visitors import fields

pytestmark = pytest.mark.house


def test_each_value_is_compared_with_the_yardstick_before_and_after_it():
    assert beside([2, 2], [6]) == 3
    assert beside([1, 3], [6]) == 3
    # The machine is half as quick in the second half: as quick in proportion.
    assert beside([1, 1, 2, 2], [10, 15, 20]) == 10
    # One round that went wrong does not count.
    assert beside([1, 1, 1, 1], [5, 500, 5]) == 5


@pytest.mark.parametrize(
    ("yardsticks", "values"), [([], []), ([1], []), ([1], [1]), ([1] * 3, [1])]
)
def test_a_yardstick_stands_on_both_sides_of_each_value(yardsticks, values):
    with pytest.raises(ValueError, match="before, between and after"):
        beside(yardsticks, values)


def test_the_spread_is_a_share_of_the_median():
    assert spread([7]) == 0
    assert spread([90, 100, 130]) == 0.4
    assert spread([130, 90, 100]) == 0.4
    for nothing in ([], [0, 0]):
        with pytest.raises(ValueError, match="nothing to compare"):
            spread(nothing)


def test_a_bound_is_kept_by_what_is_just_it():
    def verdicts(row, values, bound):
        return [row("a page", v, bound, figure=f"{v}", said="it").verdict for v in values]

    assert verdicts(at_most, [79.9, 80, 80.1], 80) == ["holds", "holds", "OVER"]
    assert verdicts(at_least, [0.249, 0.25, 0.251], 0.25) == ["OVER", "holds", "holds"]
    assert at_most("a page", 1, 2, figure="1", said="2").bound == "at most 2"
    assert at_least("a page", 1, 2, figure="1", said="2").bound == "at least 2"
    assert Row("a yardstick", "5").verdict == ""


def test_the_end_names_what_is_over_and_nothing_else(capsys):
    table = Table()
    table.tell(Row("event page", "27%", "at least 25%", True))
    table.tell(Row("  the bare view", "440/s"))
    assert table.end() == "Everything that was measured is within its bound."

    table.tell(Row("  its queries", "9", "at most 8", False))
    table.tell(Row("a booking", "90 × bare", "at most 80 × bare", False))
    assert table.end().splitlines() == [
        "Over the bound:",
        "  event page: its queries",
        "  a booking",
    ]
    assert [line.split()[-1] for line in capsys.readouterr().out.splitlines()] == [
        "holds",
        "440/s",
        "OVER",
        "OVER",
    ]


def test_measures_are_chosen_by_the_beginning_of_their_names():
    names = ["event", "list", "import"]
    assert chosen("", names) == names
    assert chosen("imp, e", names) == ["event", "import"]
    with pytest.raises(ValueError, match=r"no “vent”\. It has: event, list, import\."):
        chosen("event,vent", names)


def test_the_command_takes_only_and_nothing_else(capsys):
    assert command.wanted(["ONLY=event,booking"]) == ["event", "booking"]
    assert command.wanted(["ONLY="]) == command.wanted([]) == list(command.MEASURES)
    for words in (["event"], ["SECONDS=5"], ["ONLY=nothing"]):
        assert command.main(words) == 2
    assert "“SECONDS=5” is not understood" in capsys.readouterr().err


def test_no_name_begins_with_another():
    """So that each measure can be asked for alone."""
    names = list(command.MEASURES)
    assert [(a, b) for a in names for b in names if a != b and a.startswith(b)] == []


def booked(costs, bare, **more):
    made = booking.Booked(site=None, pid=0, sessions=[], costs=costs, bare=bare)
    made.requests, made.mails = more.get("requests", 7), 2
    return made


def booked_rows():
    return list(booking._told(booked([0.080, 0.080], [0.001, 0.001, 0.001])))


def test_a_booking_is_judged_by_the_bare_view_its_requests_and_the_first_walk():
    within = booked([0.080, 0.080], [0.001, 0.001, 0.001])
    over = booked([0.081, 0.081], [0.001, 0.001, 0.001], requests=8)

    assert [row.verdict for row in booking._told(within)] == ["holds", "", "holds"]
    assert [row.verdict for row in booking._told(over)] == ["OVER", "", "OVER"]
    assert booking._compared(within, booked([0.160, 0.160], [])).verdict == "holds"
    assert booking._compared(over, booked([0.160, 0.160], [])).verdict == "OVER"
    assert booking._compared(over, booked([0.160, 0.160], [])).figure == "0.51 × its 160 ms"


def test_the_first_walk_is_named_by_a_whole_hash():
    assert re.fullmatch("[0-9a-f]{40}", first_walk.COMMIT)


def test_what_was_not_measured_is_named_and_not_judged():
    table = Table()
    table.tell(booked_rows()[0])
    table.tell(booking._missed("the history here is shallow"))

    assert table.end().splitlines() == [
        "Everything that was measured is within its bound.",
        "Not measured:",
        f"  {booked_rows()[0].what}: the first walk's booking: the history here is shallow",
    ]


@pytest.mark.parametrize("error", [RuntimeError("it broke"), ConnectionResetError("it broke")])
def test_what_breaks_is_told_and_the_others_go_on(monkeypatch, error):
    def broken(world):
        yield Row("a page", "5", "at most 4", False)
        raise error

    table = Table()
    monkeypatch.setitem(command.MEASURES, "event", broken)
    command.measure("event", None, table)

    assert table.over == ["a page"]
    assert table.missed == ["event: it broke"]


def test_people_to_import_differ_and_have_every_cell():
    first, second = a_person(1), a_person(2)

    assert all(first.values())
    for column in ("membership_number", "email", "last_name"):
        assert first[column] != second[column]


def test_a_visitor_sends_what_a_browser_would():
    page = (
        '<form><input name="outside" value="1"></form><main>'
        '<input type="hidden" name="token" value="abc"><input name="order" value="PO-1">'
        '<input type="radio" name="option" value="1" disabled>'
        '<input type="radio" name="option" value="2"><input type="radio" name="option" value="3">'
        '<input type="checkbox" name="agree" value="on"></main>'
    )
    assert fields(page) == {"token": "abc", "order": "PO-1", "option": "2"}
