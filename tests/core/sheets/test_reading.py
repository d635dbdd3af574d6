"""Reading CSV files: what comes out of good ones, and the sentence for each that is none."""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.core.sheets import BadSheet, Problem, read_sheet, read_text
from portal.core.sheets.cells import near_name, one_of, yes_or_no
from portal.core.sheets.problems import remove_report, shortened, write_report
from portal.core.sheets.recognising import NotText, text_of

COLUMNS = ("first_name", "last_name", "email")
HEAD = "first_name,last_name,email\n"


def read(text: str) -> list[tuple[int, dict[str, str]]]:
    return [(row.line, row.cells) for row in read_text(text, COLUMNS, name="x.csv").rows]


def refusal(data: bytes, tmp_path: Path) -> BadSheet:
    path = tmp_path / "people.csv"
    path.write_bytes(data)
    with pytest.raises(BadSheet) as caught:
        read_sheet(path, COLUMNS)
    return caught.value


# --- Good files ------------------------------------------------------------------------------
def test_rows_know_their_columns_and_lines() -> None:
    text = (
        'email,last_name,first_name\na@x.org,Archer,Alice\n"b@x.org","Br\nook",Bob\nc@x.org,C,C\n'
    )
    assert read(text) == [
        (2, {"email": "a@x.org", "last_name": "Archer", "first_name": "Alice"}),
        (3, {"email": "b@x.org", "last_name": "Br\nook", "first_name": "Bob"}),
        (5, {"email": "c@x.org", "last_name": "C", "first_name": "C"}),
    ]


def test_marks_that_nobody_sees_are_left_out() -> None:
    assert read(f"\u200b{HEAD}Zo\u00adë,\u202eNg\u200b,a\ufeff@x.org\n") == [
        (2, {"first_name": "Zoë", "last_name": "Ng", "email": "a@x.org"})
    ]


def test_each_of_them_is() -> None:
    assert read(f"{HEAD}{UNSEEN}A{UNSEEN}b,C,\n")[0][1]["first_name"] == "Ab"


def test_joiners_stay_as_some_scripts_need_them() -> None:
    assert read(f"{HEAD}می\u200cنا,N,a@x.org\n")[0][1]["first_name"] == "می\u200cنا"


def test_names_of_columns_may_be_written_as_people_do() -> None:
    assert read("First name, LAST-NAME ,Email\nA,B,c\n") == [
        (2, {"first_name": "A", "last_name": "B", "email": "c"})
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_each_systems_line_ends_are_read(end: str) -> None:
    assert [line for line, _ in read(end.join([HEAD.strip(), "A,B,c", "D,E,f", ""]))] == [2, 3]


def test_empty_lines_and_trailing_commas_of_spreadsheets_are_passed_over() -> None:
    assert [line for line, _ in read("\n" + HEAD + ",,\n\nA,B,c,,\n , ,\n")] == [5]


@pytest.mark.parametrize(
    "data",
    [
        ("\ufeff" + HEAD + "Zoë,Brontë,z@x.org\n").encode(),
        (HEAD + "Zoë,Brontë,z@x.org\n").encode(),
        (HEAD + "Zoe\u0308,Bronte\u0308,z@x.org\n").encode(),
        ("sep=,\r\n" + HEAD + "Zoë,Brontë,z@x.org\n").encode(),
    ],
    ids=["UTF-8 with mark", "UTF-8", "decomposed", "sep="],
)
def test_encodings(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(data)
    (row,) = read_sheet(path, COLUMNS).rows
    assert row.cells == {"first_name": "Zoë", "last_name": "Brontë", "email": "z@x.org"}
    assert row.line == data.count(b"\n")


def test_windows_text_is_read_once_somebody_has_seen_its_letters(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes((HEAD + "Zoë,Brontë,z@x.org\nJim,Smith,j@x.org\n").encode("cp1252"))
    with pytest.raises(BadSheet) as told:
        read_sheet(path, COLUMNS)
    assert str(told.value) == (
        "The file is not UTF-8. Read as Windows text (cp1252) it says “Zoë” (line 2), “Brontë” "
        "(line 2). If that is right, import it with --windows-text. If not: in your spreadsheet "
        "program save the list as “CSV UTF-8 (comma delimited)” and import that"
    )
    rows = read_sheet(path, COLUMNS, windows_text=True).rows
    assert rows[0].cells == {"first_name": "Zoë", "last_name": "Brontë", "email": "z@x.org"}


def test_the_separator_of_a_sep_line_is_told_as_any_other() -> None:
    with pytest.raises(BadSheet, match="separated by semicolons, not commas"):
        read_text("sep=;\n" + HEAD.replace(",", ";"), COLUMNS, name="people.csv")


UNSEEN = (
    "\u00ad\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
cells = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters=f"\ufffd{UNSEEN}")
)
written = st.lists(
    st.tuples(cells, cells, st.one_of(cells, st.just('a "b",\r\nc'))).filter(
        lambda row: any(cell and not cell.isspace() for cell in row)
    ),
    min_size=1,
    max_size=6,
)


@example([("", "\uf900", "e\u0301")])  # each has another, composed, spelling
@given(written)
def test_any_text_comes_out_as_it_was_written(rows: list[tuple[str, str, str]]) -> None:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    composed = [tuple(unicodedata.normalize("NFC", cell) for cell in row) for row in rows]
    assert [tuple(cells.values()) for _, cells in read(file.getvalue())] == composed


@given(written)
def test_any_text_comes_out_of_a_file(rows: list[tuple[str, str, str]]) -> None:
    file = io.StringIO()
    csv.writer(file).writerows([COLUMNS, *rows])
    assert text_of(file.getvalue().encode()) == (file.getvalue(), "UTF-8")


@given(st.binary(max_size=300))
def test_no_bytes_lead_to_anything_but_rows_or_a_sentence(data: bytes) -> None:
    said: list[str] = []
    try:
        text, _ = text_of(data)
        sheet = read_text(HEAD + text, COLUMNS, name="x.csv")
        said = [str(row) for row in sheet.rows] + [str(problem) for problem in sheet.problems]
    except (NotText, BadSheet) as error:
        said = [str(error)]
    assert all(said)
    assert said


# --- Files that are none ---------------------------------------------------------------------
def workbook(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf\r\n", "The file is empty."),
        (workbook("xl/workbook.xml"), "This is an Excel workbook (.xlsx), not a CSV file."),
        (workbook("content.xml"), "This is an OpenDocument spreadsheet (.ods), not a CSV file."),
        (workbook("readme.txt"), "This is a compressed file, not a CSV file."),
        (b"PK\x03\x04 broken", "This is a compressed file, not a CSV file."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "This is an old Excel workbook (.xls), not a CSV file."),
        (b"%PDF-1.7\n%\xe2\xe3", "This is a PDF document, not a CSV file."),
        (b"<!DOCTYPE html><table>", "This is a web page or XML file, not a CSV file."),
        ("first_name".encode("utf-16"), "This is “Unicode text” (UTF-16), not CSV UTF-8."),
    ],
)
def test_another_kind_of_file_is_named(data: bytes, sentence: str, tmp_path: Path) -> None:
    said = str(refusal(data, tmp_path))
    assert said == (
        f"{sentence} In your spreadsheet program save the list as “CSV UTF-8 (comma delimited)” "
        "and import that"
    )


def test_damage_is_told_with_its_line(tmp_path: Path) -> None:
    nul = refusal((HEAD + "A,B,c\nD,\x00,f\n").encode(), tmp_path).problems
    assert [(p.line, p.sentence[:31]) for p in nul] == [(3, "The file contains NUL character")]
    mixed = (HEAD + "Zoë,Brontë,ö\nD,").encode() + b"\xeb,f\n"
    assert [p.line for p in refusal(mixed, tmp_path).problems] == [3]
    neither = HEAD.encode() + b"A,\x81,c\n"
    assert [p.line for p in refusal(neither, tmp_path).problems] == [2]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for path, word in ((tmp_path / "none.csv", "There is no file"), (tmp_path, "is a folder")):
        with pytest.raises(BadSheet, match=word):
            read_sheet(path, COLUMNS)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("first_name;last_name;email\nA;B;c\n", "separated by semicolons, not commas"),
        ("first_name\tlast_name\temail\nA\tB\tc\n", "separated by tabs, not commas"),
        ("Alice,Archer,a@x.org\n", "The first line must name the columns: first_name, last_name,"),
        (HEAD, "The file has a first line but no rows"),
        (HEAD + 'A,"B,c\nD,E,f\n', "line 2: A quotation mark opens here and is never closed"),
        (HEAD + 'A,"B"x,c\n', "line 2: There is a quotation mark in the middle of a cell"),
    ],
)
def test_text_that_is_no_such_table(text: str, sentence: str) -> None:
    with pytest.raises(BadSheet) as caught:
        read(text)
    assert len(caught.value.problems) == 1
    assert sentence in str(caught.value)


def test_each_wrong_column_is_told() -> None:
    with pytest.raises(BadSheet) as caught:
        read("frist_name,email,email,shoe_size\nA,b,b,9\n")
    assert [str(problem) for problem in caught.value.problems] == [
        "line 1, email: There are 2 columns named “email”. Keep one of them",
        "line 1, frist_name: There is no column “frist_name”. Did you mean “first_name”?",
        "line 1, last_name: The column “last_name” is missing. Add it. Its cells may be empty",
        "line 1, shoe_size: There is no column “shoe_size”. Remove it",
    ]


# --- Rows ------------------------------------------------------------------------------------
def test_wrong_rows_are_collected_and_the_others_kept() -> None:
    huge = "x" * 10_000_000
    text = f"{HEAD}A,B\nD,E,f\nG,H,i,j\n{huge},K,l\nM,\x07,o\nP,\ufffd,r\n"
    sheet = read_text(text, COLUMNS, name="x.csv")
    assert [row.line for row in sheet.rows] == [3]
    told = [(p.line, p.column, p.sentence.split(".")[0]) for p in sheet.problems]
    ragged = "This row has {} cells, but the first line names 3 columns"
    assert told == [
        (2, "", ragged.format(2)),
        (4, "", ragged.format(4)),
        (5, "first_name", "The cell has 10,000,000 characters, more than 50,000"),
        (6, "last_name", "The cell contains a character that cannot be shown"),
        (7, "last_name", "A letter was lost when the file was saved (“\ufffd”)"),
    ]
    assert max(len(problem.value) for problem in sheet.problems) <= 60


# --- Cells -----------------------------------------------------------------------------------
def test_yes_and_no() -> None:
    assert [yes_or_no(cell) for cell in ("Yes", "y", "TRUE", "no", "N", "0", "")] == [
        *["yes"] * 3,
        *["no"] * 3,
        "",
    ]
    with pytest.raises(ValueError, match="“maybe” is neither yes nor no"):
        yes_or_no("maybe")


def test_a_list_suggests_the_near_name_and_says_who_adds_to_it() -> None:
    known = {"accredited": "Accredited", "associate": "Associate"}
    assert one_of("ACCREDITED", known, kind="categories", where="Membership") == "Accredited"
    with pytest.raises(ValueError) as caught:
        one_of("Acredited", known, kind="categories", where="Membership")
    assert str(caught.value) == (
        "“Acredited” is not on the list of categories. Did you mean “Accredited”? Staff add to "
        "the list in the office under Membership"
    )
    with pytest.raises(ValueError, match="There are no categories yet"):
        one_of("X", {}, kind="categories", where="Membership")
    assert near_name("zebra", known) == ""


# --- The report ------------------------------------------------------------------------------
def test_the_report_lies_beside_the_file_and_holds_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    problems = [
        Problem(2, "email", "Write it otherwise", '=HYPERLINK("http://x")'),
        Problem(0, "", "Zoë’s file is empty", "@" + "y" * 100),
    ]
    report = write_report(problems, path)
    assert report == tmp_path / "people.problems.csv"
    assert report.read_bytes().startswith(b"\xef\xbb\xbf")
    with report.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["line", "column", "value", "sentence"],
        ["2", "email", '\'=HYPERLINK("http://x")', "Write it otherwise"],
        ["", "", "'@" + "y" * 58 + "…", "Zoë’s file is empty"],
    ]


def test_an_old_report_goes_but_nothing_else_does(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    report = write_report([Problem(1, "", "x")], path)
    remove_report(path)
    assert not report.exists()
    report.write_text("mine,not,yours\n")
    remove_report(path)
    assert report.exists()


def test_values_are_shortened_to_one_line() -> None:
    assert shortened("a\n b") == "a b"
    assert shortened("x" * 10_000, 20) == "x" * 19 + "…"


@pytest.mark.parametrize("is_link", [False, True])
def test_a_report_takes_the_place_of_nothing_else(tmp_path, is_link):
    path = tmp_path / "people.csv"
    report, other = tmp_path / "people.problems.csv", tmp_path / "other.csv"
    other.write_text("line,column,value,sentence\nmine" if is_link else "mine")
    if is_link:
        report.symlink_to(other)
    else:
        other.rename(report)

    with pytest.raises(FileExistsError, match="already exists and is not a report of an import"):
        write_report([Problem(1, "", "x")], path)
    remove_report(tmp_path / "none.csv")

    assert (other if is_link else report).read_text().endswith("mine")


def test_a_report_takes_the_place_of_the_last(tmp_path):
    path = tmp_path / "people.csv"
    write_report([Problem(1, "", "first")], path)

    assert "second" in write_report([Problem(1, "", "second")], path).read_text()
