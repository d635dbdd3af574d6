"""Small screens: what a phone, and a screen enlarged to 400 %, show before anybody scrolls."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from django.template import engines
from playwright.sync_api import expect

from tests.browser.looking import Looker

PHONE = {"width": 320, "height": 568}
ENLARGED = {"width": 320, "height": 256}  # 1280 by 1024, at 400 %
LIST = "/training-and-events/"
ACTIVITY = "/account/activity/"


@pytest.fixture
def phone(demo, new_page):
    """`phone(email)`: a page of a phone, signed in where an address is given."""

    def make(email="", *, script=True, screen=PHONE):
        page = new_page(java_script_enabled=script)
        if email:
            Looker(demo, page).sign_in(email)
        page.set_viewport_size(screen)
        return page

    return make


def bottom(page, selector):
    """Where the first of these ends, in pixels from the top of the screen."""
    box = page.locator(selector).first.bounding_box()
    return box["y"] + box["height"]


def open_invoice(page, demo):
    page.goto(f"{demo.url}{ACTIVITY}")
    page.locator("section:has(#open-invoices) tbody th a").first.click()
    expect(page.get_by_role("heading", name="How to pay")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_the_title_is_on_the_first_screen(demo, phone, script):
    paths = ["/", LIST, "/help/", "/sign-in/"]
    hidden = []
    for email, more in (("", []), ("alice@example.org", ["/account/", ACTIVITY, "/basket/"])):
        page = phone(email, script=script, screen=ENLARGED)
        for path in [*paths[: 3 if email else 4], *more]:
            page.goto(f"{demo.url}{path}")
            if bottom(page, "h1") > ENLARGED["height"]:
                hidden.append((email, path, bottom(page, "h1")))
    open_invoice(page, demo)
    assert bottom(page, "h1") <= ENLARGED["height"]
    assert hidden == []


def test_the_menu_opens_without_script_and_leads_on(demo, phone):
    page = phone("alice@example.org", script=False)
    page.goto(f"{demo.url}/")
    menu = page.get_by_role("button", name="Menu", exact=True)
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()

    menu.click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.get_by_role("button", name="Close menu").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()

    menu.click()
    page.get_by_role("link", name="Training and events", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Training and events")).to_be_visible()


def test_a_wide_screen_has_no_menu(demo, new_page):
    page = new_page(width=768)
    page.goto(f"{demo.url}/")

    expect(page.get_by_role("button", name="Menu")).to_be_hidden()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


def test_how_to_pay_is_on_the_first_screen_and_can_be_copied(demo, phone):
    page = phone("alice@example.org")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=demo.url)
    open_invoice(page, demo)

    copied = []
    for name in ("sort code", "account number", "reference"):
        button = page.get_by_role("button", name=f"Copy {name}")
        box = button.bounding_box()
        assert box["y"] + box["height"] <= PHONE["height"], name
        assert box["height"] >= 44
        button.click()
        said = f"{name.capitalize()} copied"
        expect(page.get_by_role("status").filter(has_text=said)).to_have_count(1)
        copied.append(page.evaluate("navigator.clipboard.readText()"))

    assert copied[:2] == ["000000", "00000000"]
    assert copied[2] == page.locator("[data-copy=reference] .copyable").inner_text()
    page.emulate_media(media="print")
    expect(page.locator(".copy:visible")).to_have_count(0)


def test_without_script_there_is_no_button_to_copy(demo, phone):
    page = phone("alice@example.org", script=False)
    open_invoice(page, demo)

    expect(page.locator(".copy")).to_have_count(0)
    expect(page.get_by_text("00-00-00")).to_be_visible()


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_no_part_of_a_price_is_broken(demo, new_page, width):
    page = new_page(width=width)
    page.goto(f"{demo.url}{LIST}")

    lines = page.eval_on_selector_all(
        ".price__part", "all => all.map(part => part.getClientRects().length)"
    )
    assert set(lines) == {1}


@pytest.mark.parametrize("width", [320, 768, 1000, 1280])
def test_the_front_page_has_no_holes(demo, new_page, width):
    """Whatever the width, each row of cards ends where the heading above could."""
    page = new_page()
    Looker(demo, page).sign_in("alice@example.org")
    page.set_viewport_size({"width": width, "height": 900})

    page.goto(f"{demo.url}/")
    right = page.evaluate(
        """() => { const rows = {};
        for (const card of document.querySelectorAll(".home > *")) {
          const box = card.getBoundingClientRect();
          rows[Math.round(box.top)] = Math.max(rows[Math.round(box.top)] ?? 0, box.right);
        }
        return Object.values(rows).map(Math.round); }"""
    )

    assert len(right) == {320: 4, 768: 2, 1000: 2, 1280: 2}[width]
    assert len(set(right)) == 1


def test_activity_is_compact(demo, phone):
    """Each card of an invoice took 270 px, of an event 300 and more."""
    page = phone("alice@example.org")
    page.goto(f"{demo.url}{ACTIVITY}")

    heights = page.eval_on_selector_all(
        ".table--compact tbody tr", "all => all.map(row => row.getBoundingClientRect().height)"
    )
    assert len(heights) > 3
    assert max(heights) < 270


CONTENT = """{% extends "emails/base.html" %}{% block content %}
<p>{{ word }}</p><p><a href="https://example.org/{{ word }}">https://example.org/{{ word }}</a></p>
<h1>{{ word }}</h1><pre>{{ word }}</pre><p class="code">{{ word }}</p><ul><li>{{ word }}</li></ul>
<table><tr>{% for n in "123" %}<td>column {{ n }}</td><td>{{ word }}</td>{% endfor %}</tr>
</table>
{% include "emails/components/facts.html" with facts=facts link=word only %}
{% include "emails/components/button.html" with url=word text=word only %}
{% endblock %}"""


@pytest.mark.parametrize("width", [320, 640, 1280])
def test_the_card_of_a_mail_never_grows(new_page, width):
    """Long words, addresses and tables of whatever comes into a mail break within it."""
    word = "Donaudampfschifffahrtsgesellschaftskapitän" * 12
    body = SimpleNamespace(name=word, office_email=f"{word}@example.org", website=word)
    context = {"word": word, "facts": [(word, word), ("Short", word)], "body": body}
    html = engines["django"].from_string(CONTENT).render({**context, "reference": word})
    page = new_page(width=width)

    page.set_content(html)

    card = page.locator(".mail").bounding_box()
    assert card["width"] <= 600
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    outside = page.eval_on_selector_all(
        ".mail td, .mail p, .mail a",
        f"all => all.filter(x => x.getBoundingClientRect().right > {card['x'] + card['width'] + 1})"
        ".length",
    )
    assert outside == 0
    assert re.search("<table", html)
