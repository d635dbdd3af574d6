"""Templates compile, hold no inline script or style, and use classes that are styled."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

PORTAL = Path(__file__).resolve().parents[2] / "portal"
TEMPLATES = PORTAL / "templates"
CSS = PORTAL / "static" / "css"
MAILS = "emails"
pytestmark = pytest.mark.house

ALL = sorted(
    str(path.relative_to(TEMPLATES))
    for path in TEMPLATES.rglob("*")
    if path.suffix in {".html", ".txt"}
)
PAGES = [
    name
    for name in ALL
    if name.endswith(".html") and MAILS not in Path(name).parts and not name.startswith("admin/")
]
INLINE = re.compile(
    r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE
)
VALUES = re.compile(r"{{.*?}}", re.DOTALL)
TAGS = re.compile(r"{%.*?%}|{#.*?#}", re.DOTALL)


def css_classes():
    """Every class that a stylesheet names."""
    text = "\n".join(path.read_text() for path in CSS.rglob("*.css"))
    text = re.sub(r"/\*.*?\*/|url\([^)]*\)|\"[^\"]*\"", "", text, flags=re.DOTALL)
    return set(re.findall(r"\.([a-z][\w-]*)", text))


def used_classes(name):
    """The classes in a template that stand there in full, without a variable in them."""
    text = VALUES.sub("§", TAGS.sub(" ", (TEMPLATES / name).read_text()))
    words = [word for value in re.findall(r'class="([^"]*)"', text) for word in value.split()]
    return {word for word in words if re.fullmatch(r"[\w-]*\w", word)}


@pytest.mark.parametrize("name", ALL)
def test_it_compiles(name):
    get_template(name)


def test_no_page_has_inline_script_or_style():
    """The Content-Security-Policy forbids both; mails need styles, and have no script."""
    assert [name for name in PAGES if INLINE.search((TEMPLATES / name).read_text())] == []


def test_pages_escape_all_but_what_is_listed():
    """What somebody typed must not be drawn as markup, however it came into the context. Text
    files are no markup."""
    unescaped = re.compile(r".*(?:\|\s*safe(?:seq)?\b|autoescape\s+off).*")
    found = {
        name: [line.strip() for line in unescaped.findall((TEMPLATES / name).read_text())]
        for name in ALL
        if name.endswith(".html")
    }

    assert {name: lines for name, lines in found.items() if lines} == {
        "mfa/totp/activate_form.html": [
            'aria-label="QR code for your authenticator app">{{ totp_svg|safe }}</p>'
        ]
    }


def test_no_mail_has_script():
    mails = [name for name in ALL if MAILS in Path(name).parts]

    assert mails
    assert [name for name in mails if "<script" in (TEMPLATES / name).read_text().lower()] == []


def test_every_message_is_there_as_text_and_as_html():
    names = {Path(name).with_suffix("") for name in ALL if MAILS in Path(name).parts}
    whole = {name for name in names if "components" not in name.parts}

    assert {
        str(name)
        for name in whole
        for suffix in (".txt", ".html")
        if not (TEMPLATES / name).with_suffix(suffix).exists()
    } == set()


def test_every_class_in_a_template_is_styled():
    styled = css_classes()
    unstyled = {
        f"{name}: {word}" for name in PAGES for word in used_classes(name) if word not in styled
    }

    assert sorted(unstyled) == []


def test_every_stylesheet_is_imported_once_and_every_import_is_there():
    imported = re.findall(r'@import "([^"]+)"', (CSS / "app.css").read_text())
    linked = {
        path.name
        for path in CSS.glob("*.css")
        if any(f"css/{path.name}" in page.read_text() for page in TEMPLATES.rglob("*.html"))
    }
    there = {str(path.relative_to(CSS)) for path in CSS.rglob("*.css")} - linked

    assert "app.css" in linked
    assert sorted(imported) == sorted(there)


def test_every_component_stylesheet_is_used():
    """A component's rules begin with its name; some template, or script, names that."""
    sources = [*TEMPLATES.rglob("*.html"), *(PORTAL / "static" / "js").rglob("*.js")]
    sources += PORTAL.rglob("*.py")
    text = "\n".join(path.read_text() for path in sources)
    unused = []
    for path in (CSS / "components").glob("*.css"):
        blocks = {name.split("__")[0].split("--")[0] for name in own_classes(path)}
        if not any(re.search(rf"(?<![\w-]){re.escape(block)}", text) for block in blocks):
            unused.append(path.name)

    assert unused == []


def own_classes(path):
    return re.findall(
        r"\.([a-z][\w-]*)", re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    )


DARK = re.compile(
    r"(?:prefers-color-scheme: dark\) {|data-theme=\"dark\"\] {)(.*?)\n(?: {6})?}\n", re.DOTALL
)


def test_dark_changes_colours_and_nothing_else():
    """So that what a page is made of is the same in both: the browser's tests count on it."""
    sources = [*CSS.rglob("*.css"), *(TEMPLATES / "emails").rglob("*.html")]
    dark = {path.name: DARK.findall(path.read_text()) for path in sources}
    set_there = {
        name: {prop for block in blocks for prop in re.findall(r"([\w-]+):(?= )", block)}
        for name, blocks in dark.items()
        if blocks
    }

    assert set(set_there) == {"tokens.css", "base.html"}
    assert {one for one in set_there["tokens.css"] if not one.startswith("--")} == {"color-scheme"}
    assert set_there["base.html"] > {"background", "color"}
    assert {
        one for one in set_there["base.html"] if not one.endswith(("background", "color"))
    } == set()


@pytest.mark.parametrize("name", [name for name in ALL if MAILS in Path(name).parts])
def test_a_mail_greets_people_who_have_one_name(name):
    """`informal_name` is there for everybody; a first name is not."""
    assert not re.search(r"\w\.first_name", (TEMPLATES / name).read_text())
