"""What a page says: its words, and where its links lead. Knows nothing of the portal."""

from __future__ import annotations

import re
from html.parser import HTMLParser

NOT_SAID = {"script", "style", "svg", "template", "title"}
WITHIN = {"a", "abbr", "b", "em", "i", "small", "span", "strong", "time", "wbr"}
NOT_TYPED = {"hidden", "checkbox", "radio", "submit", "button", "password"}


class Page(HTMLParser):
    """`text`: a line for each block of its main part. `links`: where those lead, each once."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self._in_main = self._left_out = 0
        self._said: list[str] = []
        self._links: dict[str, None] = {}
        self.feed(html)

    @property
    def text(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self._said).split("\n"))
        return "\n".join(line for line in lines if line)

    @property
    def links(self) -> list[str]:
        return list(self._links)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = dict(attrs)
        self._in_main += tag == "main"
        self._left_out += tag in NOT_SAID
        if not self._in_main:
            return
        if tag not in WITHIN:
            self._said.append("\n")
        if tag == "a" and of.get("href"):
            self._links[of["href"] or ""] = None
        if tag == "input" and of.get("type") not in NOT_TYPED:
            self._said.append(of.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        self._left_out -= tag in NOT_SAID
        if self._in_main and tag not in WITHIN:
            self._said.append("\n")
        self._in_main -= tag == "main"

    def handle_data(self, data: str) -> None:
        if self._in_main and not self._left_out:
            self._said.append(re.sub(r"\s", " ", data))
