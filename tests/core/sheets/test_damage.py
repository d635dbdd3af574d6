"""What spreadsheets and careless saving do to cells is told, and what looks like it is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.sheets import Row
from portal.core.sheets.damage import (
    as_typed,
    doubtful_dates,
    says_something,
    sound,
    ungarbled,
    whole_name,
    whole_words,
)

DAMAGED = [
    (sound, "#N/A", "“#N/A” is a spreadsheet error, not a value"),
    (sound, "#name?", "“#name?” is a spreadsheet error"),
    (sound, "#SPILL!", "“#SPILL!” is a spreadsheet error"),
    (sound, "########", "“########” is a spreadsheet error"),
    (sound, "Smith &amp; Sons", "Write “&” instead of “&amp;”, which is HTML"),
    (sound, "O&#39;Brien", "Write “'” instead of “&#39;”"),
    (sound, "Caf&eacute;", "Write “é” instead of “&eacute;”"),
    (sound, "ZoÃ« BrontÃ«", "Letters were garbled when the list was saved. Is this “Zoë Brontë”?"),
    (sound, "Oâ€™Brien", "Letters were garbled when the list was saved. Is this “O’Brien”?"),
    (sound, "Łukasz WÃ³jcik", "Letters were garbled when the list was saved. Is this “Łukasz Wó"),
    (sound, "IÅŸÄ±k", "Letters were garbled when the list was saved. Is this “Işık”?"),
    (sound, "Â£120", "Letters were garbled when the list was saved. Is this “£120”?"),
    (whole_name, "N/A", "“N/A” is not a value. Leave the cell empty"),
    (whole_name, "-", "“-” is not a value"),
    (whole_name, "Unknown", "“Unknown” is not a value"),
    (whole_name, "?ukasz", "A letter of “?ukasz” was lost"),
    (whole_name, "I??k", "A letter of “I??k” was lost"),
    (whole_name, "Bront?", "A letter of “Bront?” was lost"),
    (whole_words, "Caf?s of Leeds", "A letter of “Caf?s of Leeds” was lost"),
    (as_typed, "9.00123E+13", "The spreadsheet has turned this number into “9.00123E+13”"),
    (as_typed, "4,5e+12", "The spreadsheet has turned this number into “4,5e+12”"),
    (as_typed, "2005.0", "The spreadsheet has turned a whole number into “2005.0”"),
    (as_typed, "2005,00", "The spreadsheet has turned a whole number into “2005,00”"),
    (as_typed, '="00125"', '“="00125"” begins with a sign that makes a spreadsheet show'),
    (as_typed, "'00126", "“'00126” begins with a sign that makes a spreadsheet show"),
    (as_typed, "M–77", "“M–77” has a dash (“–”) where there is usually a hyphen. Write M-77"),
    (as_typed, "M—77", "“M—77” has a dash"),
    (as_typed, "M−77", "“M−77” has a dash"),
    (says_something, "N/A", "“N/A” is not a value. Leave the cell empty"),
    (says_something, "null", "“null” is not a value"),
    (says_something, "-", "“-” is not a value"),
    (says_something, "0", "“0” is not a value"),
    (says_something, "Not known", "“Not known” is not a value"),
]
RIGHT = [
    (sound, "#1 Court Chambers"),
    (sound, "Smith & Sons; Leeds"),
    (sound, "AT&T;"),
    (sound, "Ångström"),
    (sound, "Ãlvaro"),
    (sound, "ŽIŽEK"),
    (sound, "“CAFÉ”"),
    (sound, "Siân Gŵyr"),
    (sound, "王伟"),
    (sound, "£120 – €130"),
    (whole_name, "O’Brien"),
    (whole_name, "Null"),
    (whole_name, "Blank"),
    (whole_words, "Who cares? Advice"),
    (as_typed, "4500123456789"),
    (as_typed, "E123"),
    (as_typed, "12E"),
    (as_typed, "PO-2026.1"),
    (as_typed, "00123"),
    (says_something, "Nullarbor"),
    (says_something, "10"),
    (says_something, "Nona"),
]


@pytest.mark.parametrize(("guard", "cell", "sentence"), DAMAGED, ids=lambda x: str(x)[:20])
def test_it_is_told(guard: Callable[[str], None], cell: str, sentence: str) -> None:
    with pytest.raises(ValueError) as told:
        guard(cell)
    assert str(told.value).startswith(sentence)


@pytest.mark.parametrize(("guard", "cell"), RIGHT, ids=lambda x: str(x)[:20])
def test_what_is_right_passes(guard: Callable[[str], None], cell: str) -> None:
    guard(cell)


@given(st.text(st.characters(min_codepoint=0xC0, max_codepoint=0x17F), min_size=1, max_size=8))
def test_all_latin_that_was_garbled_is_known_again(name: str) -> None:
    """As far as Windows text has a letter for each of its bytes."""
    data = name.encode()
    if not {0x81, 0x8D, 0x8F, 0x90, 0x9D} & set(data):
        assert ungarbled(data.decode("cp1252")) == name


def rows(*cells: str) -> list[Row]:
    return [Row(line, {"day": cell}) for line, cell in enumerate(cells, start=2)]


def doubted(*cells: str) -> list[int]:
    return [problem.line for problem in doubtful_dates(rows(*cells), ["day"])]


def test_one_date_that_can_only_be_month_first_makes_the_column_doubtful() -> None:
    assert doubted("03/25/2027", "04/05/2027", "06/07/2027", "12/01/2026", "11/30/2027") == [
        3,
        4,
        5,
    ]
    told = doubtful_dates(rows("03/25/2027", "04/05/2027"), ["day"])
    assert str(told[0]) == (
        "line 3, day: It is not clear which is the day and which is the month, because line 2 "
        "has 03/25/2027, with the month first. Write every date in this column as 2027-03-31"
    )


def test_dates_that_are_the_same_either_way_are_not_in_doubt() -> None:
    assert doubted("03/25/2027", "05/05/2027", "2027-04-05", "25/03/2027") == []
    assert doubted("04/05/2027", "25/03/2027", "06/07/2027") == []
    assert doubted("03/25/2027 09:30", "04/05/2027 09:30") == [3]
