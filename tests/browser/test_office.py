"""The office's pages: each list and each row's page, one new row's, by axe and at 320 px."""

import pytest
from django.contrib import admin

from tests.browser.looking import OFFICE, Looker

WITH_SCRIPTS = ("membership/membership/add/", "events/event/add/", "people/person/", "core/body/")


OURS = [model for model in admin.site._registry if model.__module__.startswith("portal.")]


@pytest.mark.parametrize("app", sorted({model._meta.app_label for model in OURS}))
def test_pages_for_the_office(demo, new_page, app):
    """Without the policy: looking into the admin's pages, axe itself does what it forbids."""
    looker = Looker(
        demo, new_page(reduced_motion="reduce", bypass_csp=True), within=f"{OFFICE}{app}/"
    )
    looker.sign_in("sam@example.org")
    if app == "core":
        looker.visit(OFFICE)
    else:  # Django's own pages of a row's history and of deleting it are looked at once
        looker.kinds.update(("_history", "_delete"))
    looker.follow(f"{OFFICE}{app}/")

    assert "\n".join(looker.wrong) == ""
    lists = [model._meta.model_name for model in OURS if model._meta.app_label == app]
    assert {f"admin:{app}_{name}_changelist" for name in lists} <= set(looker.kinds)


def test_the_office_keeps_to_the_policy(demo, new_page):
    """What it forbids is an error of the page, and fails the test."""
    looker = Looker(demo, new_page())
    looker.sign_in("sam@example.org")
    for path in WITH_SCRIPTS:
        answer = looker.page.goto(f"{demo.url}{OFFICE}{path}", wait_until="networkidle")
        assert answer.status == 200
