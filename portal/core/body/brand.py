"""The stylesheet of the body's brand colour, and the mark of its words.

The address carries the mark, so a browser may keep the sheet for ever: another colour, or other
shades of it in a newer version of the portal, is another address
(docs/decisions/0004-brand-colour-as-a-stylesheet.md).
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from portal.core.body.colours import dark_tint, for_dark_pages, light_tint, mix


@lru_cache(maxsize=64)
def brand_sheet(colour: str) -> str:
    """The rules that set the colour (#RRGGBB) and its shades as custom properties."""
    colour = colour.upper()
    dark = for_dark_pages(colour)
    light_rule = f"--brand:{colour};--brand-strong:{mix(colour, '#000000', 0.2)};"
    light_rule += f"--brand-tint:{light_tint(colour)};--on-brand:#FFFFFF"
    dark_rule = f"--brand:{dark};--brand-strong:{mix(dark, '#FFFFFF', 0.2)};"
    dark_rule += f"--brand-tint:{dark_tint(colour)};--on-brand:#0D1015"
    return (
        f"@layer tokens{{:root{{{light_rule}}}"
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark_rule}}}}}"
        f":root[data-theme=dark]{{{dark_rule}}}"
        f"@media print{{:root{{{light_rule}}}}}}}"
    )


@lru_cache(maxsize=64)
def brand_version(colour: str) -> str:
    """0e5a5c-1f2e3d4c: the colour, and the mark of its sheet."""
    mark = hashlib.sha256(brand_sheet(colour).encode()).hexdigest()[:8]
    return f"{colour.lstrip('#').lower()}-{mark}"
