"""The office's pages: each list, each row's page and each new row's, by axe and at 320 px."""

from django.contrib import admin

from tests.browser.looking import OFFICE, Looker

WITH_SCRIPTS = ("membership/membership/add/", "events/event/add/", "people/person/", "core/body/")


def test_pages_for_the_office(demo, new_page):
    """Without the policy: looking into the admin's pages, axe itself does what it forbids."""
    looker = Looker(demo, new_page(reduced_motion="reduce", bypass_csp=True), within=OFFICE)
    looker.sign_in("sam@example.org")
    looker.follow(OFFICE)

    assert "\n".join(looker.wrong) == ""
    ours = [model for model in admin.site._registry if model.__module__.startswith("portal.")]
    lists = [f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist" for model in ours]
    assert set(lists) <= set(looker.kinds)


def test_the_office_keeps_to_the_policy(demo, new_page):
    """What it forbids is an error of the page, and fails the test."""
    looker = Looker(demo, new_page())
    looker.sign_in("sam@example.org")
    for path in WITH_SCRIPTS:
        answer = looker.page.goto(f"{demo.url}{OFFICE}{path}", wait_until="networkidle")
        assert answer.status == 200
