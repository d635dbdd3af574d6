"""Payment references: what a payer gives the bank, such as “IMA-000123-5”.

- At most 18 characters, of A–Z 0–9 space - . & / (Bacs and Faster Payments).
- The body's letters, the invoice number, a check digit (ISO 7064, Mod 11,10: it finds every
  wrong digit and nearly every two that were swapped).
- Matching ignores case, spaces, punctuation and leading zeros: all of these are lost when a
  reference is typed again, so none of them counts for the check digit.
"""

from __future__ import annotations

import re

from stdnum.iso7064 import mod_11_10

from portal.billing.models import Invoice

LONGEST = 18
_PLAIN = re.compile(r"([A-Z]*)([0-9]+)")


def make(letters: str, number: str) -> str:
    """The reference of an invoice number. `letters` is what the body is called, for short."""
    room = LONGEST - len(number) - len("--0")
    mark = re.sub(r"[^A-Z]", "", letters.upper())[:room] or "INV"[:room]
    return f"{mark}-{number}-{check_digit(number)}" if mark else f"{number}-{check_digit(number)}"


def check_digit(number: str) -> str:
    """The check digit of an invoice number. Letters count as in an IBAN: A is 10.

    Zeros are filled up to the same length first, so that they count alike written or not.
    """
    parts = _PLAIN.fullmatch(_plain(number))
    if parts is None:
        raise ValueError(f"{number!r} is not an invoice number")
    letters = "".join(str(int(letter, 36)) for letter in parts[1])
    return str(mod_11_10.calc_check_digit(f"{letters}{int(parts[2]):010d}"))


def match(text: str) -> Invoice | None:
    """The one invoice whose reference this is, however it was typed; None if it is none's."""
    found = candidates(text)
    return found[0] if len(found) == 1 else None


def candidates(text: str) -> list[Invoice]:
    """The invoices that a typed reference could mean: one, or none, or two.

    “IMA-10” is the reference of 000001 without its zeros, or of 000010 without its check digit:
    where there are both invoices nobody can tell.
    """
    plain = _plain(text)
    parts = _PLAIN.fullmatch(plain)
    if parts is None or not parts[1] or not 2 <= len(parts[2]) <= 10 or _lacks_check_digit(text):
        return []
    digits = parts[2]
    same_number = Invoice.objects.filter(sequence=int(digits[:-1]))
    found = [invoice for invoice in same_number if _plain(invoice.reference) == plain]
    if found and not _has_check_digit(text):
        without = Invoice.objects.filter(sequence=int(digits)).order_by("number")
        found += [each for each in without if _plain(each.reference)[:-1] == plain]
    return found


def _plain(text: str) -> str:
    """Without case, spaces, punctuation and leading zeros."""
    kept = re.sub(r"[^A-Z0-9]", "", text.upper())
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", kept)


def _lacks_check_digit(text: str) -> bool:
    """Six digits that begin with zeros are the number alone: its last digit checks nothing."""
    digits = re.sub(r"[^0-9]", "", text)
    return digits.startswith("0") and len(digits) == len("000123")


def _has_check_digit(text: str) -> bool:
    """A last digit that stands apart, or follows a number with its zeros, checks it."""
    digits = re.sub(r"[^0-9]", "", text)
    stands_apart = re.search(r"[0-9][^A-Za-z0-9]+[0-9][^A-Za-z0-9]*$", text) is not None
    return stands_apart or (digits.startswith("0") and len(digits) > len("000123"))
