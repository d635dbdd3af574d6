"""What staff change in the office stands in the history."""

import pytest
from django.contrib import admin

from portal.core.office.pages import OfficePage, ReadOnly
from portal.core.office.settings_pages import RecordedPage

pytestmark = pytest.mark.house

PAGES = [page for page in admin.site._registry.values() if type(page).__module__[:7] == "portal."]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.model.__name__)
def test_a_page_records_what_is_saved_or_leaves_it_to_an_act(page):
    """An act keeps its own history; RecordedPage keeps that of settings."""
    assert isinstance(page, OfficePage)
    is_recorded = isinstance(page, ReadOnly | RecordedPage)
    assert is_recorded or "save_model" in vars(type(page))
