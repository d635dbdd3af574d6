"""The body's brand colour: readable with white on it, and a lighter shade of it for dark pages."""

from __future__ import annotations

import colorsys
import re

from django.core.exceptions import ValidationError

_HEX = re.compile(r"^#[0-9A-Fa-f]{6}$")
READABLE = 4.5  # WCAG 2.2, 1.4.3: text against its background
DARK_PAGE, DARK_READABLE = "#12161C", 8.0

# The default colour's shades are chosen by hand, as in static/css/tokens.css; those of others are
# worked out: its tint on light pages, its shade and its tint on dark ones.
_CHOSEN = {"#0E5A5C": ("#E3F0EE", "#5CC2BC", "#12312F")}

Rgb = tuple[int, int, int]


def parse(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def check_colour(colour: str) -> None:
    """Raises ValidationError unless it is #RRGGBB and readable on white and on its own tint."""
    if not _HEX.match(colour):
        raise ValidationError("Write the colour as #0E5A5C.")
    ratio = contrast(colour, light_tint(colour))
    if ratio < READABLE:
        raise ValidationError(
            f"Choose a darker colour. On its own tint {colour} has a contrast of {ratio:.1f}, and "
            f"text needs {READABLE} to be readable."
        )


def mix(colour: str, other: str, part: float) -> str:
    """The colour with this part (0 to 1) of the other."""
    pairs = zip(parse(colour), parse(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02X}" for a, b in pairs)


def light_tint(colour: str) -> str:
    """The ground for brand text on light pages."""
    if chosen := _CHOSEN.get(colour.upper()):
        return chosen[0]
    return mix(colour, "#FFFFFF", 0.9)


def dark_tint(colour: str) -> str:
    """The ground for brand text on dark pages."""
    if chosen := _CHOSEN.get(colour.upper()):
        return chosen[2]
    return mix(for_dark_pages(colour), DARK_PAGE, 0.82)


def for_dark_pages(colour: str) -> str:
    """The same hue, calmer and lighter, until it is readable on dark pages (8 to 1)."""
    if chosen := _CHOSEN.get(colour.upper()):
        return chosen[1]
    hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in parse(colour)))
    lighter = colour
    while lightness < 1 and contrast(lighter, DARK_PAGE) < DARK_READABLE:
        lightness = min(1.0, lightness + 0.02)
        channels = colorsys.hls_to_rgb(hue, lightness, saturation * 0.62)
        lighter = "#" + "".join(f"{round(channel * 255):02X}" for channel in channels)
    return lighter


def _luminance(colour: str) -> float:
    def linear(channel: int) -> float:
        value = channel / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(channel) for channel in parse(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
