"""Countries of the people file: however people write one, as its code of ISO 3166."""

from __future__ import annotations

from functools import lru_cache

from django.utils import translation
from django_countries import countries

from portal.core.sheets.cells import near_name
from portal.core.text.comparing import as_words

# As people write them; names and codes of ISO 3166 come besides.
_COUNTRY_NAMES = {
    "GB": (
        "uk, u.k, great britain, britain, great britain and northern ireland, "
        "united kingdom of great britain and northern ireland, england, scotland, wales, cymru, "
        "alba, northern ireland, n ireland, n. ireland, ni, n.i, eng, sct, scot, wls, nir, "
        "gb-eng, gb-sct, gb-wls, gb-nir, gb-gbn, gb-ukm, england & wales, isle of wight, anglesey, "
        "orkney, shetland, isles of scilly, scilly isles"
    ),
    "IM": "iom, i.o.m, isle of man, ellan vannin, mann",
    "JE": "jsy, jersey ci, jersey c.i, jersey channel islands",
    "GG": "gsy, guernsey ci, guernsey c.i, guernsey channel islands, alderney, sark, herm",
    "IE": "republic of ireland, eire, irish republic, roi, southern ireland, ireland (republic)",
    "US": "usa, u.s.a, united states of america, america",
}
_CHANNEL_ISLANDS = frozenset({"channel islands", "ci", "c.i"})


@lru_cache(maxsize=1)
def _country_codes() -> dict[str, str]:
    """Every way to write a country, as its code."""
    with translation.override("en"):
        listed = [(country.code, str(country.name)) for country in countries]
    codes = {name: code for code, name in listed}
    codes |= {code: code for code, _ in listed}
    codes |= {countries.alpha3(code): code for code, _ in listed}
    known = {as_words(name): code for name, code in codes.items()}
    for code, names in _COUNTRY_NAMES.items():
        known |= dict.fromkeys(names.split(", "), code)
    return known


def read_country(cell: str) -> str:
    """The code. Raises ValueError with a sentence."""
    name = as_words(cell).removeprefix("the ").rstrip(".")
    if name in _CHANNEL_ISLANDS:
        raise ValueError("Write Jersey or Guernsey. The Channel Islands are more than one country")
    if code := _country_codes().get(name):
        return code
    with translation.override("en"):
        near = near_name(cell, [str(country.name) for country in countries])
    raise ValueError(
        f"“{cell[:60]}” is not a country. "
        + (f"Did you mean “{near}”? " if near else "")
        + "Write its English name or its ISO code, such as GB"
    )
