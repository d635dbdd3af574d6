"""Forms as a browser finds them on a page, to send them with what nobody should type."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

# What is typed into a field of words, one at a time. `None` stands for one character too many.
ODD_WORDS: tuple[Any, ...] = (
    None,
    "x" * 10_000,
    "a\0b",
    "\ud800",
    "😀" * 40,
    ["1", "2"],
    f"{'x' * 64}@{'y' * 63}.{'y' * 63}.{'y' * 63}.{'y' * 58}.org",
)
# What is sent by the page and typed by nobody: keys, counts, boxes.
MANY = "9" * 30
ODD_KEYS = ("no number", MANY, "-5", "a\0b")
# What is typed into a field of anything: a number, a day, a choice.
ODD = (*ODD_WORDS, *ODD_KEYS[:3], "3000000000", "31/02/2026", "0001-01-01", "9999-12-31")
PATTERN, TOTAL = "-__prefix__-", "-TOTAL_FORMS"
UNREAD = ("csrfmiddlewaretoken", "-MIN_NUM_FORMS", "-MAX_NUM_FORMS")  # by Django, for a browser


class PageForm(HTMLParser):
    """The fields of the forms of a page that are sent to it, with their values."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: dict[str, Any] = {}
        self.longest: dict[str, int] = {}
        self.boxes: set[str] = set()
        self.texts: set[str] = set()
        self._select = self._text = ""
        self.feed(html)

    def odd(self, name: str) -> tuple[Any, ...]:
        """What to try in a field."""
        if name.endswith(("_FORMS", "-id")) or name in self.boxes:
            return ODD_KEYS
        return ODD_WORDS if name in self.longest or name in self.texts else ODD

    @property
    def sent(self) -> dict[str, Any]:
        """What a browser sends: no box that is not ticked."""
        return {name: value for name, value in self.values.items() if value is not None}

    def give_new_rows(self) -> None:
        """Where there is no row of a kind, the one that “Add another” gives; else no more.

        What stands under `__prefix__` is its pattern, which nobody sends and nothing reads.
        """
        totals = {name: value for name, value in self.values.items() if name.endswith(TOTAL)}
        for name in [name for name in self.values if PATTERN in name]:
            value = self.values.pop(name)
            total = name.partition(PATTERN)[0] + TOTAL
            if totals.get(total) == "0":
                new = name.replace(PATTERN, "-0-")
                self.values |= {new: value, total: "1"}
                self._rename(name, new)

    def _rename(self, old: str, new: str) -> None:
        for kind in (self.boxes, self.texts):
            if old in kind:
                kind.add(new)
        if old in self.longest:
            self.longest[new] = self.longest[old]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = dict(attrs)
        name = of.get("name") or ""
        if name and of.get("maxlength"):
            self.longest[name] = int(of["maxlength"] or 0)
        if tag == "input" and name and not name.endswith(UNREAD):
            self._input(name, of)
        elif tag == "select" and name:
            self._select, self.values[name] = name, ""
        elif tag == "option" and self._select and "selected" in of:
            self.values[self._select] = of.get("value") or ""
        elif tag == "textarea" and name:
            self._text, self.values[name] = name, ""
            self.texts.add(name)

    def _input(self, name: str, of: dict[str, str | None]) -> None:
        if of.get("type") in {"checkbox", "radio"}:
            self.boxes.add(name)
            if "checked" in of or name not in self.values:
                self.values[name] = (of.get("value") or "on") if "checked" in of else None
        elif of.get("type") not in {"submit", "button"}:
            self.values[name] = of.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._text = ""

    def handle_data(self, data: str) -> None:
        if self._text:
            self.values[self._text] += data


FORM = "application/x-www-form-urlencoded"


def encoded(data: dict[str, Any]) -> str:
    """The body of a form, with what is no text in it too."""
    return urlencode(data, doseq=True, errors="surrogatepass")
