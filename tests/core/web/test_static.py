"""The one stylesheet that `collectstatic` makes of many."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.test import override_settings

from portal.core.web.static import JOINED, JoinedManifestStorage, join

CSS = Path(settings.BASE_DIR) / "portal" / "static"


def read_source(name: str) -> str:
    return (CSS / name).read_text()


def test_an_import_becomes_its_layer_and_its_urls_still_lead_to_the_file() -> None:
    files = {
        "css/app.css": '@layer base, print;\n@import "parts/one.css" layer(base);\n',
        "css/parts/one.css": '/* note */ a { src: url("../../fonts/f.woff2"); b: url(#x); }',
    }

    joined = join("css/app.css", files.__getitem__)

    assert joined == (
        '@layer base, print;\n@layer base {\na { src: url("../fonts/f.woff2"); b: url(#x); }\n}\n'
    )


@pytest.mark.parametrize(
    "files",
    [
        {"css/app.css": '@import "one.css";', "css/one.css": ""},
        {
            "css/app.css": '@import "one.css" layer(base);',
            "css/one.css": '@import "two.css" layer(base);',
        },
    ],
)
def test_an_import_that_would_be_lost_is_refused(files: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="import"):
        join("css/app.css", files.__getitem__)


def test_every_stylesheet_of_the_portal_is_imported_and_names_a_stated_layer() -> None:
    source = read_source(JOINED)
    imported = set(re.findall(r'@import "([^"]+)"', source))
    stated = re.search(r"^@layer (.+);$", source, re.MULTILINE)
    present = {path.relative_to(CSS / "css").as_posix() for path in (CSS / "css").rglob("*.css")}

    assert imported == present - {"app.css", "office.css"}  # the office has its own pages
    assert stated
    assert set(re.findall(r"layer\((\w+)\)", source)) == set(stated[1].split(", "))


def test_collecting_writes_one_hashed_stylesheet_without_imports(tmp_path: Path) -> None:
    with override_settings(STATIC_ROOT=tmp_path, DEBUG=False):
        storage = JoinedManifestStorage(location=str(tmp_path), base_url="/static/")
        found = {
            name: (source, name)
            for finder in get_finders()
            for name, source in finder.list([])
            if name.startswith(("css/", "fonts/"))
        }
        for name, (source, path) in found.items():
            with source.open(path) as file:
                storage.save(name, file)
        failures = [
            processed
            for _, _, processed in storage.post_process(found)
            if isinstance(processed, Exception)
        ]
        served = (tmp_path / storage.stored_name(JOINED)).read_text()

    assert failures == []
    assert "@import" not in served
    assert "@layer components {" in served
    fonts = re.findall(r'url\("\.\./(fonts/[^"]+)"\)', served)
    assert len(fonts) == 2
    assert all((tmp_path / font).is_file() for font in fonts)


def test_styles_keep_to_the_house_rules() -> None:
    text = "".join(path.read_text() for path in (CSS / "css").rglob("*.css"))
    utilities = re.findall(r"^\.[\w-]+", read_source("css/utilities.css"), re.MULTILINE)

    assert "!important" not in text
    assert "data:" not in text
    assert len(utilities) < 20
