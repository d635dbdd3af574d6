"""Every page that a visitor, a member and a customer can get to in the demo institute.

Each is looked at by axe, light and dark, and at 320 px; each link in it leads somewhere. Pages are
found by following the links, some of each kind, so a new page is looked at without being told;
those that no link leads to are asked for. test_signing_in.py and test_office.py have the others.
"""

import re

from playwright.sync_api import expect

from tests.browser.looking import Looker

SOMEBODY = "ruth.martin@example.org"


def test_pages_for_visitors(demo, new_page):
    looker = Looker(demo, new_page(reduced_motion="reduce"))
    page = looker.page
    looker.follow()
    looker.send("/sign-in/", "Sign in", "sign-in with errors")
    looker.send("/create-an-account/", "Create account", "account with errors")
    looker.visit("/training-and-events/?q=no+such+event", "an empty list")
    looker.visit("/no-such-page/", status=404)
    looker.visit("/forgotten/address/sent/")

    assert f"{SOMEBODY} has been invited." in demo.portal("invite", "--email", SOMEBODY)
    letter = demo.mail_to(SOMEBODY, "").get_body(("plain",)).get_content()
    looker.visit(re.search(rf"{demo.url}(/invitation/\S+)", letter)[1], "an invitation")
    # The letter as it looks: its button leads out of the frame.
    page.goto(f"{demo.url}/demo/mail/?to={SOMEBODY}")
    page.get_by_role("link", name="Set your password").first.click()
    page.frame_locator("iframe").get_by_role("link", name="Set your password").click()
    expect(page.get_by_role("heading", level=1, name="Set your password")).to_be_visible()
    looker.visit("/invitation/no-such-invitation/", "one that does not work", status=410)
    looker.visit("/invitation/sent/")

    # A form without its token, and more attempts than are allowed.
    page.goto(f"{demo.url}/sign-in/")
    page.context.clear_cookies()
    looker.press("Sign in", Email_address="a@example.org", Password="anything at all")
    looker.look("a form of another session")
    for heading in [*["Check your email"] * 5, "This link no longer works"]:
        page.goto(f"{demo.url}/invitation/no-such-invitation/")
        looker.press("Send me a new link")
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    looker.look("no more links for now")
    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    for _ in range(100):
        page.request.post(page.url, form={"csrfmiddlewaretoken": token})
    looker.press("Send me a new link")
    expect(
        page.get_by_text("Too many people have asked for a link from your network.")
    ).to_be_visible()
    looker.look("too many links from one network")

    assert "\n".join(looker.wrong) == ""
    assert {"front", "help", "events:list", "events:event", "account_login"} <= set(looker.kinds)


def test_pages_for_members(demo, new_page):
    looker = Looker(demo, new_page(reduced_motion="reduce"))
    page = looker.page
    looker.sign_in("alice@example.org")
    looker.visit("/basket/", "the empty basket")
    page.goto(f"{demo.url}/training-and-events/?places=on")
    event = free_event(page, demo)
    looker.send(f"{event}registration/", "Save responses", "registration with errors")
    page.get_by_role("radio", disabled=False).first.check()
    page.get_by_label("I agree to the terms and conditions").check()
    looker.press("Save responses")
    page.go_back()
    expect(page.get_by_text("There is a problem")).to_have_count(0)
    expect(page.get_by_label("I agree to the terms and conditions")).to_be_checked()
    page.goto(f"{demo.url}/basket/")
    looker.look("the basket")
    page.get_by_role("link", name="Proceed to checkout").click()
    expect(page.get_by_role("heading", level=1, name="Review your order")).to_be_visible()
    looker.look("the review")
    looker.press("Submit order")
    looker.look("the confirmation")
    page.go_back()
    expect(page.get_by_text("Your basket is empty")).to_be_visible()
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
        "events:confirmation",
    } <= set(looker.kinds)


def test_what_a_member_typed_before_the_session_was_lost(demo, new_page):
    looker = Looker(demo, new_page(reduced_motion="reduce"))
    page = looker.page
    looker.sign_in("bob@example.org")
    page.goto(f"{demo.url}/account/purchase-order/")
    page.context.clear_cookies(name="portal_session")
    looker.press("Save")
    looker.press("Sign in", Email_address="bob@example.org", Password="money-advice-demo")
    expect(page.get_by_role("heading", level=1, name="Send what you typed?")).to_be_visible()
    looker.look("signed out meanwhile")

    assert "\n".join(looker.wrong) == ""


def free_event(page, site):
    """The address of an event that the person can still register for."""
    links = page.locator("a[href^='/training-and-events/']:not([href*='?'])")
    for href in links.evaluate_all("all => all.map(a => a.getAttribute('href'))"):
        if href == "/training-and-events/":
            continue
        page.goto(f"{site.url}{href}")
        if page.get_by_role("link", name="Register myself").count():
            return href
    raise AssertionError("there is no event in the demo institute that can be registered for")


def test_pages_for_a_customer_who_is_no_member(demo, new_page):
    looker = Looker(demo, new_page(reduced_motion="reduce"))
    looker.sign_in("charlie@example.org")
    for path in ("/", "/account/", "/account/activity/", "/basket/"):
        looker.visit(path)
    looker.page.goto(f"{demo.url}/training-and-events/")
    looker.visit(f"{free_event(looker.page, demo)}registration/")

    assert "\n".join(looker.wrong) == ""
