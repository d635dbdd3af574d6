"""What the office reads for each kind of mail.

A mail's kind is the name of its template, which is for the code. Each app names its own kinds at
the head of its `emails.py`; tests/house/test_words_of_acts_and_mails.py finds any that has none.
"""

from __future__ import annotations

_KINDS: dict[str, str] = {}


def name_kinds(kinds: dict[str, str]) -> None:
    """Give kinds of mail their words, such as {"login_code": "Sign-in code"}."""
    _KINDS.update(kinds)


def has_words(kind: str) -> bool:
    return kind in _KINDS


def words_of(kind: str) -> str:
    """“Sign-in code” for login_code; a kind that the portal no longer sends is shown as it is."""
    return _KINDS.get(kind, kind)
