"""Phone numbers of the people file, in E.164. A number without a country is a UK number."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat

# Numbers that Ofcom keeps for drama, so nobody's: good for trying things out.
_NOBODYS = re.compile(r"(?:7700900|1632960)\d{3}")


def _uk_numbers() -> re.Pattern[str]:
    """All national numbers that `phonenumbers` holds valid for the UK, as one pattern.

    Parsing takes 40 µs a number, this 1; what it does not know still goes the long way.
    """
    known = PhoneMetadata.metadata_for_region("GB")
    kinds = (known.fixed_line, known.mobile) if known else ()
    parts = [kind.national_number_pattern for kind in kinds if kind]
    return re.compile("|".join(f"(?:{part})" for part in parts))


_UK = _uk_numbers()
_DECORATION = str.maketrans("", "", " -().\u00a0")


def read_phone(cell: str) -> str:
    """The number in E.164. Raises ValueError with a sentence."""
    digits = cell.translate(_DECORATION)
    national = ""
    if digits.startswith("+44"):
        national = digits[3:].removeprefix("0")
    elif digits.startswith("0") and not digits.startswith("00"):
        national = digits[1:]
    is_known = len(national) == 10 and national.isascii() and national.isdigit()
    if is_known and (_UK.fullmatch(national) or _NOBODYS.fullmatch(national)):
        return f"+44{national}"
    return _any_phone(cell)


def _any_phone(cell: str) -> str:
    text = f"+{cell[2:]}" if cell.startswith("00") else cell
    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        number = None
    if number is not None and number.extension:
        raise ValueError(
            f"“{cell[:40]}” has an extension ({number.extension}), which the portal cannot "
            "keep. Leave it out"
        )
    if number is None or not phonenumbers.is_valid_number(number):
        raise ValueError(
            f"“{cell[:40]}” is not a phone number: write it as 0113 496 0677 or, from abroad, "
            "+353 1 234 5678"
        )
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
