"""UK postcodes as people type them, and as they are kept."""

from __future__ import annotations

# The countries that have the UK's postcodes: the Crown dependencies besides.
UK = frozenset({"GB", "GG", "IM", "JE"})


def spaced_postcode(typed: str) -> str:
    """“ls14ap” as “LS1 4AP”; what cannot be a UK postcode, by its length, stays as typed."""
    close = "".join(typed.split()).upper()
    return f"{close[:-3]} {close[-3:]}" if 5 <= len(close) <= 7 else typed.strip()
