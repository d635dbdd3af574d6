"""Every page that a visitor, a member and the staff can get to in the demo institute.

Each is looked at by axe, light and dark, and at 320 px; each link in it leads somewhere. The pages
are found by following the links, some of each kind, so a new page is looked at without being told.
"""

from collections import Counter
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import resolve
from playwright.sync_api import expect

# How many pages of a kind are looked at: one, and more where they differ.
SOME = {"events:event": 3, "billing:invoice": 2}
# What a dark page can have wrong that the light one has not.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
PASSWORD = "money-advice-demo"
# Not pages: files, and what only a POST leads to.
NO_PAGE = {"billing:pdf", "events:calendar", "demo:document", "mfa_download_recovery_codes"}
# Django's own pages.
OFFICE = "/office/"
DEMO_MAIL = "/demo/mail/"


@pytest.fixture(scope="module")
def demo(new_site):
    with new_site(lambda site: site.portal("demo", "--if-empty")) as site:
        yield site


class Looker:
    """Goes through the pages and notes what is wrong with each."""

    def __init__(self, site, page):
        self.site, self.page = site, page
        self.wrong, self.seen, self.kinds = [], set(), Counter()
        self.waiting = []

    def sign_in(self, email):
        self.page.goto(f"{self.site.url}/sign-in/")
        self.page.get_by_label("Email address").fill(email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("link", name="Sign out")).to_be_visible()

    def look(self, name=""):
        """Note what is wrong with the page that is open, and where its links lead."""
        name = name or urlsplit(self.page.url).path
        for scheme, options in (("light", None), ("dark", COLOURS)):
            self.page.emulate_media(color_scheme=scheme)
            for violation in Axe().run(self.page, options=options).response["violations"]:
                where = [node["html"][:150] for node in violation["nodes"][:3]]
                self.wrong.append(f"{name}, {scheme}: {violation['help']} {where}")
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size({"width": 320, "height": 800})
        overflow = self.page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
        if overflow > 0:
            self.wrong.append(f"{name}: {overflow} px too wide at 320 px")
        self.page.set_viewport_size({"width": 1280, "height": 900})
        links = self.page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
        if urlsplit(self.page.url).path.startswith(DEMO_MAIL):
            # Mails to others, with links to what is theirs.
            links = [link for link in links if urlsplit(link).path.startswith(DEMO_MAIL)]
        self.waiting += links

    def follow(self, start="/"):
        """Look at some pages of each kind that can be reached from here."""
        self.waiting.append(f"{self.site.url}{start}")
        while self.waiting:
            path = urlsplit(self.waiting.pop(0))
            if f"{path.scheme}://{path.netloc}" != self.site.url or path.path in self.seen:
                continue
            if path.path.startswith(OFFICE):
                continue
            self.seen.add(path.path)
            kind = resolve(path.path).view_name
            if kind in NO_PAGE or self.kinds[kind] >= SOME.get(kind, 1):
                continue
            self.kinds[kind] += 1
            response = self.page.goto(f"{self.site.url}{path.path}")
            if response.status != 200:
                self.wrong.append(f"{path.path}: status {response.status}")
            self.look()

    def send(self, path, button, name):
        """Send a form as it stands, to see the page that says what is wrong."""
        self.page.goto(f"{self.site.url}{path}")
        self.page.get_by_role("button", name=button, exact=True).click()
        self.look(name)


def test_pages_for_visitors(demo, new_page):
    looker = Looker(demo, new_page(reduced_motion="reduce"))
    looker.follow()
    looker.send("/sign-in/", "Sign in", "sign-in with errors")
    looker.send("/create-an-account/", "Create account", "account with errors")
    looker.page.goto(f"{demo.url}/training-and-events/?q=no+such+event")
    looker.look("an empty list")
    looker.page.goto(f"{demo.url}/no-such-page/")
    looker.look("404")
    looker.page.goto(f"{demo.url}/invitation/no-such-invitation/")
    looker.look("an invitation that does not work")

    assert "\n".join(looker.wrong) == ""
    assert {"front", "help", "events:list", "events:event", "account_login"} <= set(looker.kinds)


def test_pages_for_members(demo, new_page):
    looker = Looker(demo, new_page(reduced_motion="reduce"))
    page = looker.page
    looker.sign_in("alice@example.org")
    page.goto(f"{demo.url}/basket/")
    looker.look("the empty basket")
    page.goto(f"{demo.url}/training-and-events/?places=on")
    event = free_event(page, demo)
    looker.send(f"{event}registration/", "Save responses", "registration with errors")
    page.get_by_role("radio", disabled=False).first.check()
    page.get_by_label("I agree to the terms and conditions").check()
    page.get_by_role("button", name="Save responses").click()
    looker.look("the basket")
    page.get_by_role("link", name="Proceed to checkout").click()
    looker.look("the review")
    page.get_by_role("button", name="Submit order").click()
    looker.look("the confirmation")
    looker.follow()
    looker.send("/account/password/", "Change password", "password with errors")

    assert "\n".join(looker.wrong) == ""
    assert {
        "account:about",
        "account:activity",
        "people:purchase_order",
        "billing:invoice",
        "billing:print",
        "events:order",
    } <= set(looker.kinds)


def free_event(page, site):
    """The address of an event that alice can still register for."""
    links = page.locator("a[href^='/training-and-events/']:not([href*='?'])")
    for href in links.evaluate_all("all => all.map(a => a.getAttribute('href'))"):
        if href == "/training-and-events/":
            continue
        page.goto(f"{site.url}{href}")
        if page.get_by_role("link", name="Register myself").count():
            return href
    raise AssertionError("alice can register for no event of the demo institute")


def test_pages_for_a_customer_who_is_no_member(demo, new_page):
    looker = Looker(demo, new_page(reduced_motion="reduce"))
    looker.sign_in("charlie@example.org")
    for path in ("/", "/account/", "/account/activity/", "/basket/"):
        looker.page.goto(f"{demo.url}{path}")
        looker.look()
    looker.page.goto(f"{demo.url}/training-and-events/")
    looker.page.goto(f"{demo.url}{free_event(looker.page, demo)}registration/")
    looker.look()

    assert "\n".join(looker.wrong) == ""
