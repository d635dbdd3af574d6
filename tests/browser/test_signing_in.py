"""The pages of signing in that no link leads to: codes, links by email, the second step."""

import re

from playwright.sync_api import expect

from tests.accounts.test_second_step import code_for
from tests.browser.looking import PASSWORD, Looker


def test_codes_and_links_by_email(demo, new_page):
    looker = Looker(demo, new_page(reduced_motion="reduce"))
    page = looker.page

    page.goto(f"{demo.url}/sign-in/code/")
    looker.press("Send the code", Email_address="bob@example.org")
    looker.look()
    looker.press("Sign in", Code="000000")
    looker.look("a code that is wrong")

    page.context.clear_cookies()
    page.goto(f"{demo.url}/create-an-account/")
    looker.press(
        "Create account",
        **{"First name (optional)": "Nora"},
        Last_name="New",
        Email_address="nora@example.org",
        Password="a long new password",
    )
    looker.look()
    letter = demo.mail_to("nora@example.org", "code").get_body(("plain",)).get_content()
    looker.press("Create account", Code=re.search(r"^ {4}(\S+)\s*$", letter, re.MULTILINE)[1])

    # A customer who has made their own account has no address yet.
    looker.visit("/account/", "details without an address")
    page.get_by_role("link", name="Add address").click()
    looker.press("Save")
    looker.look("an address with errors")

    page.context.clear_cookies()
    page.goto(f"{demo.url}/forgotten/")
    looker.press("Send me a link", Email_address="bob@example.org")
    looker.look()
    letter = demo.mail_to("bob@example.org", "password").get_body(("plain",)).get_content()
    page.goto(re.search(rf"{demo.url}/forgotten/\S+", letter)[0])
    looker.look("a new password")
    looker.visit("/forgotten/1-no-such-link/", "a link that does not work")
    looker.visit("/forgotten/done/")

    page.goto(f"{demo.url}/forgotten/")
    looker.press("Find my username")
    looker.look("nothing to find a username by")

    assert "\n".join(looker.wrong) == ""
    assert {
        "account_confirm_login_code",
        "account_email_verification_sent",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "lost_address",
        "people:address",
    } <= set(looker.kinds)


def test_an_international_domain_gets_in_again_and_again(demo, new_page):
    """Chromium sends the domain of an address field as the DNS has it."""
    looker = Looker(demo, new_page(reduced_motion="reduce"))
    page = looker.page
    typed = {"Email_address": "Anna@Bücher-Rat.example", "Password": "a long new password"}
    page.goto(f"{demo.url}/create-an-account/")
    looker.press("Create account", **{"First name (optional)": "Anna"}, Last_name="Amsel", **typed)
    letter = demo.mail_to("anna@xn--bcher-rat-q9a.example", "code")
    code = re.search(r"^ {4}(\S+)\s*$", letter.get_body(("plain",)).get_content(), re.MULTILINE)
    looker.press("Create account", Code=code[1])
    for _ in range(2):
        page.context.clear_cookies()
        page.goto(f"{demo.url}/sign-in/")
        looker.press("Sign in", **typed)
        expect(page).to_have_url(f"{demo.url}/")
        expect(page.get_by_role("main")).to_contain_text("Hello, Anna")


def test_the_second_step(demo, new_page):
    looker = Looker(demo, new_page(reduced_motion="reduce"))
    page = looker.page
    looker.sign_in("sam@example.org")
    looker.visit("/account/second-step/", "without a second step")
    looker.visit("/sign-in/again/")
    looker.press("Continue", Password=PASSWORD)
    looker.visit("/account/second-step/app/")
    looker.press("Set up", Code_from_the_app="000000")
    looker.look("a code of the app that is wrong")
    key = page.locator(".qr-code__key").inner_text().replace(" ", "")
    looker.press("Set up", Code_from_the_app=code_for(key))
    looker.look()
    page.goto(f"{demo.url}/account/second-step/codes/")
    (recovery, *_) = re.findall(r"\b[a-z0-9]{8}\b", page.get_by_role("main").inner_text())
    for path in ("", "app/removal/", "codes/", "codes/new/"):
        looker.visit(f"/account/second-step/{path}", f"with a second step, {path}")
    looker.visit("/sign-in/again/second-step/")

    page.context.clear_cookies()
    page.goto(f"{demo.url}/sign-in/")
    looker.press("Sign in", Email_address="sam@example.org", Password=PASSWORD)
    expect(page).to_have_url(f"{demo.url}/sign-in/second-step/")
    looker.look()
    looker.press("Sign in", Code=recovery)
    page.goto(f"{demo.url}/account/second-step/app/removal/")
    looker.press("Take the second step away")
    looker.look("taken away")

    assert "\n".join(looker.wrong) == ""
    assert {
        "account_reauthenticate",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_reauthenticate",
        "mfa_authenticate",
    } <= set(looker.kinds)
