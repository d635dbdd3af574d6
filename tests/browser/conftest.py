"""A real Chromium, and the real portal: set up, filled and served as an office would.

What a test saw when it failed is kept in test-results/ as a picture.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.processes import ROOT, free_port, made_once, new_installation, run, serving, until
from tools import chromium

RESULTS = ROOT / "test-results"
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder.

    Of two workers each begins with one half: those without the demo institute stand first in the
    second, so that one worker is at them while the other makes it for both.
    """
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in here:
        item.add_marker("browser")
    on_demo = [item for item in here if "demo" in item.fixturenames]
    others = [item for item in here if item not in on_demo]
    middle = len(here) // 2
    elsewhere = [item for item in items if item not in here]
    items[:] = [*elsewhere, *on_demo[:middle], *others, *on_demo[middle:]]


@dataclass
class Site:
    """A portal that runs: its address, its folder, and its command."""

    url: str
    folder: Path
    env: dict[str, str]

    def portal(self, *words: str) -> str:
        """Run `portal …`; what it said. Raises AssertionError where it fails."""
        done = run(*words, env=self.env)
        assert done.returncode == 0, f"portal {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    def mail_to(self, address: str, subject: str) -> EmailMessage:
        """The newest mail to an address whose subject has these words, once it has gone out."""

        def found() -> list[EmailMessage]:
            files = sorted(self.folder.glob("mail/*.eml"), key=lambda path: path.stat().st_mtime)
            mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
            return [m for m in mails if m["To"] == address and subject in str(m["Subject"])]

        until(found)
        return found()[-1]


@pytest.fixture(scope="session")
def new_site(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """`with new_site(fill) as site`: a portal in a folder of its own, filled by `fill(site)`."""

    @contextmanager
    def make(fill: Callable[[Site], None]) -> Iterator[Site]:
        site = site_in(tmp_path_factory.mktemp("site"))
        fill(site)
        with serving(site.env, port=urlsplit(site.url).port):
            yield site

    return make


def site_in(folder: Path) -> Site:
    url = f"http://localhost:{free_port()}"
    return Site(url, folder, new_installation(folder) | {"PORTAL_URL": url})


@pytest.fixture(scope="session")
def demo(new_site: Callable[..., Any], shared: Path) -> Iterator[Site]:
    """The demo institute, served for all tests of a worker: what one changes is not another's."""
    made = made_once(shared, "demo-institute", make_demo)
    with new_site(lambda site: shutil.copytree(made, site.folder, dirs_exist_ok=True)) as site:
        yield site


def make_demo(folder: Path) -> None:
    being_made = site_in(folder)
    being_made.portal("setup", "--quiet")
    being_made.portal("demo", "--if-empty")
    with closing(sqlite3.connect(folder / "portal.sqlite3")) as database:
        # The year's mail has gone out: only what a test causes is still to be sent.
        database.execute("UPDATE core_outgoingmail SET sent_at = created_at")
        database.commit()


def enter_rules(site: Site) -> None:
    """What the office enters once: the body, then bank, taxes, series, rules, lists."""
    site.portal("setup", "--quiet")
    site.portal(
        "body",
        "Institute of Testing",
        "--short-name=IT",
        "--email=office@example.org",
        "--phone=0113 496 0677",
        "--address=1 Test Street, Leeds, LS1 4AP",
    )
    code = "import django; django.setup(); from tests import factories as office; "
    code += "office.rules(); office.lists()"
    subprocess.run([sys.executable, "-c", code], env=site.env, cwd=ROOT, check=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    if path is None:
        pytest.skip(f"there is no Chromium: {chromium.HOW_TO_GET}")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield opened
        opened.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Iterator[None]:
    report = yield
    if report.when == "call":
        item.failed = report.failed
    return report


@pytest.fixture
def new_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """`new_page(width=320, java_script_enabled=False)`: a page of a browser of its own.

    What goes wrong in the page (an error in a script, a thing that the policy forbids) fails the
    test.
    """
    contexts, wrong = [], []

    def make(*, width: int = 1280, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if _is_wrong(said) else None)
        return page

    yield make
    for number, context in enumerate(contexts):
        if getattr(request.node, "failed", False):
            RESULTS.mkdir(exist_ok=True)
            for page in context.pages:
                page.screenshot(path=RESULTS / f"{request.node.name}-{number}.png", full_page=True)
        context.close()
    assert wrong == []


def _is_wrong(said: Any) -> bool:
    """An error, but not the one that every page with the status 404 gives."""
    return said.type == "error" and "the server responded with a status of" not in said.text
