"""Reading single cells. Each function takes a cell without outer spaces, and gives its value.

They raise ValueError with the sentence for whoever has to mend the cell.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

_YES = {"yes", "y", "true", "1"}
_NO = {"no", "n", "false", "0"}


def one_line(cell: str) -> str:
    """The cell without outer and doubled white space."""
    return " ".join(cell.split())


def at_most(cell: str, length: int, label: str) -> str:
    """The cell. Raises ValueError where it is longer."""
    if len(cell) > length:
        raise ValueError(f"{label} must be {length} characters or less")
    return cell


def yes_or_no(cell: str) -> str:
    """“yes”, “no” or empty."""
    word = cell.casefold()
    if word in _YES:
        return "yes"
    if word in _NO:
        return "no"
    if not word:
        return ""
    raise ValueError(f"“{cell[:40]}” is neither yes nor no. Write yes, no, or leave it empty")


def one_of(cell: str, known: Mapping[str, str], *, kind: str, where: str) -> str:
    """The name on the list, whatever the cell's case. `known` maps compared names to names.

    `kind` is what the list holds, in the plural; `where` says where staff add to it.
    """
    found = known.get(cell.casefold())
    if found is not None:
        return found
    if not known:
        raise ValueError(f"There are no {kind} yet. Add “{cell[:60]}” in the office under {where}")
    near = near_name(cell, known.values())
    raise ValueError(
        f"“{cell[:60]}” is not on the list of {kind}. "
        + (f"Did you mean “{near}”? " if near else "")
        + f"Staff add to the list in the office under {where}"
    )


def near_name(word: str, names: Iterable[str]) -> str:
    """The one of the names that was probably meant, or nothing where none is near."""
    by_case = {name.casefold(): name for name in names}
    near = difflib.get_close_matches(word[:100].casefold(), by_case, n=1, cutoff=0.6)
    return by_case[near[0]] if near else ""
