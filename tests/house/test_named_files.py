"""Every file that a docstring, a comment or a document names is there.

A name may leave out the folders that its reader knows. Records of decisions and the changelog speak
of their day and are left out.
"""

import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"(?<![\w./*<-])((?:[\w-]+/)*[a-z]\w*\.(?:py|md|css|js|typ|html))(?!\w)")
IN_DOCUMENTS = re.compile(r"`([^`\s]+)`|\]\(([^)#\s]+)[^)]*\)")
FOLDERS = ("portal", "tests", "tools", "docs")
FILES = [
    str(path.relative_to(ROOT))
    for path in [
        *ROOT.iterdir(),
        *(path for name in FOLDERS for path in (ROOT / name).rglob("*.*")),
    ]
    if path.suffix in {".py", ".md", ".css", ".js", ".typ", ".html"}
]
DOCUMENTS = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
CODE = sorted(
    path
    for folder in ("portal", "tests", "tools")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
)
pytestmark = pytest.mark.house


def words_of(path: Path) -> Iterator[str]:
    """Comments, and texts that stand by themselves or run over lines: docstrings."""
    with path.open() as file:
        for token in tokenize.generate_tokens(file.readline):
            is_docstring = token.type == tokenize.STRING and token.string.startswith('"""')
            if token.type == tokenize.COMMENT or is_docstring:
                yield token.string


def is_there(name: str) -> bool:
    return any(f"/{path}".endswith(f"/{name}") for path in FILES)


@pytest.mark.parametrize("folder", ["portal", "tests", "tools"])
def test_code_names_files_that_are_there(folder: str) -> None:
    gone = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in CODE
        if path.relative_to(ROOT).parts[0] == folder
        for words in words_of(path)
        for name in NAMED.findall(words)
        if not is_there(name)
    ]

    assert gone == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_documents_name_files_that_are_there(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
    names = [quoted or link for quoted, link in IN_DOCUMENTS.findall(text)]
    gone = [
        name for name in names if NAMED.fullmatch(name) and "://" not in name and not is_there(name)
    ]

    assert gone == []


def test_a_name_of_no_file_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.py"
    page.write_text('"""See gone_away.py and core/money.py."""\n\nx = 1  # as (billing/money.py)\n')

    names = [name for words in words_of(page) for name in NAMED.findall(words)]

    assert [name for name in names if not is_there(name)] == ["gone_away.py", "billing/money.py"]
