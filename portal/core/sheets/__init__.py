"""Reading the CSV files that people make with spreadsheets, and saying what is wrong with them.

`reading` makes rows of a file, `recognising` says what a file is that is no CSV, `cells` reads
single cells, `damage` guards them, `problems` is what is reported, `command` is what the import
commands share.
"""

from portal.core.sheets.outcome import AnotherImport, Outcome, Progress, quiet
from portal.core.sheets.problems import BadSheet, Problem
from portal.core.sheets.reading import Row, Sheet, read_sheet, read_text

__all__ = [
    "AnotherImport",
    "BadSheet",
    "Outcome",
    "Problem",
    "Progress",
    "Row",
    "Sheet",
    "quiet",
    "read_sheet",
    "read_text",
]
