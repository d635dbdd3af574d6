"""The body's brand colour stays readable, whatever staff choose."""

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from portal.core.body import colours as colours_module
from portal.core.body.brand import brand_sheet, brand_version
from portal.core.body.colours import check_colour, contrast, dark_tint, for_dark_pages, light_tint

colours = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06X}")


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("colour", ["teal", "#0E5A5", "0E5A5C", "#FFFFFF", "#F2B705"])
def test_a_colour_that_cannot_carry_white_text_is_refused(colour):
    with pytest.raises(ValidationError):
        check_colour(colour)


@given(colours)
def test_every_colour_has_a_shade_for_dark_pages(colour):
    assert contrast(for_dark_pages(colour), "#12161C") >= 8
    assert contrast(for_dark_pages(colour), dark_tint(colour)) >= 4.5
    assert contrast("#ECEFF3", dark_tint(colour)) >= 4.5


def test_the_default_colour_has_the_shades_of_the_tokens():
    colour = "#0E5A5C"
    tokens = (settings.BASE_DIR / "portal/static/css/tokens.css").read_text().upper()

    for shade in (light_tint(colour), for_dark_pages(colour), dark_tint(colour)):
        assert f": {shade};" in tokens
    check_colour(colour)
    test_every_colour_has_a_shade_for_dark_pages.hypothesis.inner_test(colour)


def test_the_brand_stylesheet_carries_the_colour(client, db):
    response = client.get(f"/brand/{brand_version('#0E5A5C')}.css")

    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "--brand:#0E5A5C" in response.content.decode()
    assert client.get("/brand/teal.css").status_code == 404


def test_other_shades_have_another_address(monkeypatch):
    before = brand_version("#0E5A5C")
    monkeypatch.setitem(colours_module._CHOSEN, "#0E5A5C", ("#E3F0EF", "#5CC2BC", "#12312F"))
    brand_sheet.cache_clear()
    brand_version.cache_clear()
    try:
        after = brand_version("#0E5A5C")
    finally:
        brand_sheet.cache_clear()
        brand_version.cache_clear()

    assert before.startswith("0e5a5c-")
    assert after.startswith("0e5a5c-")
    assert before != after


def test_at_an_older_address_are_the_shades_of_now_and_not_for_long(client, db):
    response = client.get("/brand/0e5a5c-00000000.css")

    assert response["Cache-Control"] == "no-cache"
    assert response.content.decode() == brand_sheet("#0E5A5C")
