"""Looks at pages as they are met: axe in light and dark, the width of a phone, where links lead."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_FILE_PATH
from django.urls import Resolver404, resolve
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

PASSWORD = "money-advice-demo"
AXE = AXE_FILE_PATH.read_text(encoding="utf-8")
# Dark changes colours and nothing else (tests/house/test_templates.py holds the styles to it).
# These are the rules of its category “color” that are on.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
# axe would fetch each page's films, sounds and stylesheets once more: for rules on what plays by
# itself, of which there is nothing, and for one that is off.
NOTHING_TO_PLAY = {"preload": False}
# The rows of an office's list are alike: axe looks at the first of them.
FEWER_ROWS = (
    "document.querySelectorAll('#result_list tbody tr:nth-child(n+9)').forEach(row => row.remove())"
)
# How many pages of a kind are looked at: one, and more where they differ.
SOME = {"events:event": 3, "billing:invoice": 2}
# Not pages: files, parts of one, and what only a POST leads to.
NO_PAGE = {
    "theme",
    "brand_css",
    "healthz",
    "readyz",
    "billing:pdf",
    "billing:credit_note_pdf",
    "admin:billing_creditnote_pdf",
    "events:calendar",
    "events:hold_removal",
    "people:new_invitation",
    "demo:document",
    "demo:mail_calendar",
    "mfa_download_recovery_codes",
    "admin:billing_invoice_pdf",
    "admin:billing_invoice_mailed",
    # Leads to About me.
    "account_email",
    # For accounts without a password: invitation and sign-up both ask for one.
    "account_set_password",
}
# Django's own pages, the same for every kind of row; a new row's form is that of a row.
ALIKE = ("_history", "_delete", "_add")
OFFICE = "/office/"
DEMO_MAIL = "/demo/mail/"


class Looker:
    """Goes through the pages and notes what is wrong with each."""

    def __init__(self, site: Site, page: Page, within: str = "/") -> None:
        self.site, self.page, self.within = site, page, within
        self.wrong: list[str] = []
        self.kinds: Counter[str] = Counter()
        self.seen: set[str] = set()
        self.waiting: list[str] = []

    def sign_in(self, email: str) -> None:
        self.page.goto(f"{self.site.url}/sign-in/")
        self.press("Sign in", Email_address=email, Password=PASSWORD)
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    def press(self, button: str, **labels: str) -> None:
        """Fill in the fields of these labels, press the button of this name, await its page."""
        for label, value in labels.items():
            self.page.get_by_label(label.replace("_", " "), exact=True).fill(value)
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=button, exact=True).click()

    def visit(self, path: str, name: str = "", *, status: int = 200) -> None:
        response = self.page.goto(f"{self.site.url}{path}")
        assert response is not None
        if response.status != status:
            self.wrong.append(f"{path}: status {response.status}")
        arrived = urlsplit(self.page.url).path
        if name or arrived == path or self._is_wanted(kind_of(arrived)):
            self.look(name)

    def look(self, name: str = "") -> None:
        """Note what is wrong with the page that is open, and where its links lead."""
        path = urlsplit(self.page.url).path
        name = name or path
        self.kinds[kind_of(path)] += 1
        self.page.set_viewport_size({"width": 320, "height": 800})
        overflow = self.page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
        if overflow > 0:
            self.wrong.append(f"{name}: {overflow} px too wide at 320 px")
        self.page.set_viewport_size({"width": 1280, "height": 900})
        links = self.page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
        if path.startswith(DEMO_MAIL):
            # Mails to others, with links to what is theirs.
            links = [link for link in links if urlsplit(link).path.startswith(DEMO_MAIL)]
        self.waiting += links
        self.wrong += [f"{name}, {violation}" for violation in self._violations()]

    def _violations(self) -> list[str]:
        """What axe finds: by every rule it has in light, by those about colours in dark."""
        self.page.evaluate(FEWER_ROWS)
        self.page.evaluate(AXE)
        found = []
        for scheme, rules in (("light", {}), ("dark", {"runOnly": COLOURS})):
            self.page.emulate_media(color_scheme=scheme)
            options = json.dumps({"resultTypes": ["violations"], **NOTHING_TO_PLAY, **rules})
            response: dict[str, Any] = self.page.evaluate(f"axe.run(document, {options})")
            for violation in response["violations"]:
                where = [node["html"][:150] for node in violation["nodes"][:3]]
                found.append(f"{scheme}: {violation['help']} {where}")
        self.page.emulate_media(color_scheme="light")
        return found

    def follow(self, start: str = "/") -> None:
        """Look at some pages of each kind that can be reached from here."""
        self.waiting.append(f"{self.site.url}{start}")
        while self.waiting:
            link = urlsplit(self.waiting.pop(0))
            if f"{link.scheme}://{link.netloc}" == self.site.url and self._is_new(link.path):
                self.visit(link.path)

    def _is_new(self, path: str) -> bool:
        if path in self.seen or not self._is_within(path):
            return False
        self.seen.add(path)
        return self._is_wanted(kind_of(path))

    def _is_wanted(self, kind: str) -> bool:
        return kind not in NO_PAGE and self.kinds[kind] < SOME.get(kind, 1)

    def _is_within(self, path: str) -> bool:
        """The office is looked at on its own."""
        in_office = self.within.startswith(OFFICE)
        return path.startswith(self.within) and path.startswith(OFFICE) == in_office

    def send(self, path: str, button: str, name: str) -> None:
        """Send a form as it stands, to see the page that says what is wrong."""
        self.page.goto(f"{self.site.url}{path}")
        self.press(button)
        self.look(name)


def kind_of(path: str) -> str:
    """The name of the address; empty for what is no address of ours."""
    try:
        name = resolve(path).view_name
    except Resolver404:
        return ""
    alike = [part for part in ALIKE if name.startswith("admin:") and name.endswith(part)]
    return alike[0] if alike else name
