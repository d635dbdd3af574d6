"""What somebody who made a slip in a search for events probably meant.

Rule: a word that is in no event which is still to come is replaced by the nearest one that does,
in titles and places first, then in the overviews. Where none is near, nothing is proposed, and the
other words are not looked for: anybody may ask, and each word costs a look at all words.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from datetime import datetime

from portal.core.text.comparing import as_words
from portal.events.catalogue import MOST_WORDS
from portal.events.models import Event

_NEAR = 0.75  # of 1: “bankrupcy” and “bankruptcy” are 0.95, “debt” and “budget” 0.6
_SHORTEST = 4  # letters: shorter words are near to everything


def meant(words: str, *, at: datetime) -> str:
    """The words with their slips mended, as they are compared; "" where nothing is to mend."""
    asked = as_words(words).split()[:MOST_WORDS]
    texts = list(Event.objects.upcoming(at).values_list("title", "place", "compared_words"))
    whole = " ".join(text for _, _, text in texts)
    names = _words(f"{title} {place}" for title, place, _ in texts)
    others = _words(text for _, _, text in texts)
    mended: list[str] = []
    for word in asked:
        near = word if word in whole else _nearest(word, names, others)
        if not near:
            return ""
        mended.append(near)
    return " ".join(mended) if mended != asked else ""


def _words(texts: Iterable[str]) -> list[str]:
    found = {word for text in texts for word in re.findall(r"[^\W_]+", as_words(text))}
    return sorted(word for word in found if len(word) >= _SHORTEST)


def _nearest(word: str, *lists: list[str]) -> str:
    if len(word) < _SHORTEST:
        return ""
    for words in lists:
        if near := difflib.get_close_matches(word[:40], words, n=1, cutoff=_NEAR):
            return near[0]
    return ""
