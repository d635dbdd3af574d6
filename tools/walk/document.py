"""The commands of a document: its fenced blocks, each with the heading that it stands under."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DEPLOYING = Path(__file__).resolve().parents[2] / "docs" / "deploying.md"

_HEADING = re.compile(r"^#{1,6} +(?P<title>.+?) *$")
_FENCE = re.compile(r"^```(?P<language>\w*)")
_HEREDOC = re.compile(
    r"^cat > (?P<path>\S+) <<(?P<quote>'?)END(?P=quote)\n(?P<text>.*?)^END$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """One fenced block. `line`: where its first line stands in the document."""

    heading: str
    language: str
    text: str
    line: int


def blocks(document: Path = DEPLOYING) -> list[Block]:
    """All fenced blocks, in order. Raises ValueError for one that is not closed."""
    found: list[Block] = []
    heading, language, begun, inside = "", "", 0, None
    for number, line in enumerate(document.read_text().splitlines(), start=1):
        fence = _FENCE.match(line)
        if inside is None and fence:
            language, begun, inside = fence["language"], number + 1, list[str]()
        elif inside is not None and fence:
            found.append(Block(heading, language, "".join(f"{row}\n" for row in inside), begun))
            inside = None
        elif inside is not None:
            inside.append(line)
        elif match := _HEADING.match(line):
            heading = match["title"]
    if inside is not None:
        raise ValueError(f"{document.name}: the block at line {begun} is not closed")
    return found


def shell(document: Path = DEPLOYING) -> list[Block]:
    """Those that are commands."""
    return [block for block in blocks(document) if block.language == "sh"]


def files(document: Path = DEPLOYING) -> dict[str, str]:
    """The files that the commands write, by their path; of one written twice the first."""
    found: dict[str, str] = {}
    for block in shell(document):
        for match in _HEREDOC.finditer(block.text):
            found.setdefault(match["path"], match["text"])
    return found
