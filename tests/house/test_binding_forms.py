"""Who sends a form that binds has read its whole page: it never waits behind “Send it now”."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern, get_resolver

from portal.urls import urlpatterns

PORTAL = Path(__file__).resolve().parents[2] / "portal"
pytestmark = pytest.mark.house

# The acts by which somebody owes something, or gives something up. A new one is named here.
BINDING = {"submit_order"}
# The words of a button that binds.
WORDS = re.compile(r'button\.html" with text="(Submit|Confirm|Order|Pay|Buy|Agree)[^"]*"')


def views() -> dict[str, Any]:
    """Every view of the portal that names its form, by module and name."""
    found = {}

    def walk(patterns: list[Any]) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                view = pattern.callback
                if view.__module__.startswith("portal.") and hasattr(view, "typed_into"):
                    found[f"{view.__module__}.{view.__name__}"] = view
            else:
                walk(pattern.url_patterns)

    assert urlpatterns
    walk(get_resolver().url_patterns)
    return found


def test_the_views_that_bind_are_these():
    binding = {name for name, view in views().items() if view.binds}

    assert binding == {"portal.events.views.checkout.checkout"}
    assert len(views()) > 3


def test_a_view_that_calls_a_binding_act_says_that_it_binds():
    calling = set()
    for path in [*PORTAL.rglob("views/*.py"), *PORTAL.rglob("views.py")]:
        module = "portal." + ".".join(path.relative_to(PORTAL).with_suffix("").parts)
        if any(re.search(rf"\b{act}\(", path.read_text()) for act in BINDING):
            calling.add(module)

    assert calling == {view.__module__ for view in views().values() if view.binds}


def test_a_page_whose_button_binds_is_shown_by_a_view_that_says_so():
    pages = {
        str(path.relative_to(PORTAL / "templates"))
        for path in (PORTAL / "templates").rglob("*.html")
        if WORDS.search(path.read_text())
    }
    binding = {view.__module__ for view in views().values() if view.binds}
    showing = {
        "portal." + ".".join(path.relative_to(PORTAL).with_suffix("").parts)
        for path in PORTAL.rglob("*.py")
        if any(f'"{page}"' in path.read_text() for page in pages)
    }

    assert pages == {"events/checkout.html"}
    assert showing == binding
