"""One mailbox, one spelling: how an email address is kept, compared and counted.

Rules (RFC 5321, 2.4 and 4.1.2; RFC 5891; UTS 46):
- Hidden characters and blanks around it are left out; signs of other widths are read as the plain
  ones that they stand for (NFKC).
- Before the @ there are plain letters, digits and signs, kept in lower case. Quotation marks,
  comments and letters that are not plain can name the same mailbox in several ways: refused.
- The domain is kept as it is asked for in the DNS, so `anna@bücher.example` as
  `anna@xn--bcher-kva.example`, which is also what browsers send. It has no dot at its end.
- Pages and mails show it as it is kept: letters that only look like others cannot deceive.

A model keeps an address in a CanonicalEmailField, which spells it so when it is saved and when it
is looked for; a form asks for it in an EmailAddressField. tests/house/test_email_addresses.py
holds that there are no others.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import idna
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models

from portal.core.text.characters import tidied

if TYPE_CHECKING:
    _EmailField = models.EmailField[str, str]
else:
    _EmailField = models.EmailField

LONGEST = 254
PLAIN = "Enter only plain letters (a to z), digits and signs before the @, such as name@example.org"
BARE = "Enter the address without quotation marks and brackets, such as name@example.org"
REAL_DOMAIN = "Enter the part after the @ as a domain name, such as example.org"
IN_FULL = "Enter an email address in full, such as name@example.org"

_JOINERS = str.maketrans("", "", "\u200c\u200d")


def tidy_email(text: str) -> str:
    """The one spelling of this address. What can be no address comes back as it is, tidied."""
    plain = unicodedata.normalize("NFKC", tidied(text)).strip()
    local, at, domain = plain.rpartition("@")
    return f"{_without_joiners(local).lower()}{at}{_tidy_domain(domain)}"


def check_email(address: str) -> None:
    """Raises ValidationError, with a sentence that says what to do, for what can be no address
    of ours. `address` is the spelling that `tidy_email` gives."""
    local, at, domain = address.rpartition("@")
    if (at and any(sign in local for sign in '"()<>')) or domain.startswith("["):
        raise ValidationError(BARE, code="not_bare")
    if at and not local.isascii():
        raise ValidationError(PLAIN, code="not_plain")
    if at and not domain.isascii():
        raise ValidationError(REAL_DOMAIN, code="no_domain")
    validate_email(address)


def _tidy_domain(domain: str) -> str:
    """As the DNS has it; in lower case where there can be no such domain."""
    domain = _without_joiners(domain).strip().replace("\u3002", ".").rstrip(".")
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True, std3_rules=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        return domain.lower()


def _without_joiners(text: str) -> str:
    """Joiners mean something in some scripts, and nothing between plain letters."""
    bare = text.translate(_JOINERS)
    return bare if bare.isascii() else text


class EmailAddressField(forms.EmailField):
    """Where a form asks for an address: the one spelling, or a sentence that says what to do."""

    default_validators = [check_email]
    default_error_messages = {
        "invalid": IN_FULL,
        "max_length": "Email address must be %(limit_value)d characters or less",
        "null_characters_not_allowed": "Email address must not contain hidden characters",
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONGEST)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return tidy_email(text) if text else text


class CanonicalEmailField(_EmailField):
    """An address that is kept, and looked for, in its one spelling.

    Migrations know it as Django's own field: it differs in what is written, not in the column.
    """

    default_validators = [check_email]

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.EmailField", args, kwargs

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return tidy_email(text) if text else text

    def get_prep_value(self, value: Any) -> Any:
        """What is saved and what is looked for."""
        text = super().get_prep_value(value)
        return tidy_email(text) if isinstance(text, str) else text

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """The row in hand has the spelling that is kept."""
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = tidy_email(value)
            setattr(model_instance, self.attname, value)
        return value

    def formfield(self, *args: Any, **kwargs: Any) -> Any:
        return super().formfield(*args, **{"form_class": EmailAddressField, **kwargs})
