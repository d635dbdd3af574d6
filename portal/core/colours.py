"""The body's brand colour: readable with white on it, and a lighter shade of it for dark pages."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

_HEX = re.compile(r"^#[0-9A-Fa-f]{6}$")
READABLE = 4.5  # WCAG 2.2, 1.4.3: text against its background
DARK_PAGE, DARK_TEXT = "#12161C", "#0D1015"

Rgb = tuple[int, int, int]


def parse(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def check_colour(colour: str) -> None:
    """Raises ValidationError unless it is #RRGGBB and white text is readable on it."""
    if not _HEX.match(colour):
        raise ValidationError("Write the colour as #0E5A5C.")
    ratio = contrast(colour, "#FFFFFF")
    if ratio < READABLE:
        raise ValidationError(
            f"White text on {colour} has a contrast of {ratio:.1f}. Choose a darker colour: "
            f"{READABLE} is needed."
        )


def mix(colour: str, other: str, part: float) -> str:
    """The colour with this part (0 to 1) of the other."""
    pairs = zip(parse(colour), parse(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02X}" for a, b in pairs)


def for_dark_pages(colour: str) -> str:
    """The same hue, lightened until it is readable on dark pages and dark text on it."""
    part = 0.0
    while part < 1 and contrast(mix(colour, "#FFFFFF", part), DARK_PAGE) < 8:
        part += 0.05
    return mix(colour, "#FFFFFF", min(part, 1.0))


def _luminance(colour: str) -> float:
    def linear(channel: int) -> float:
        value = channel / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(channel) for channel in parse(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
