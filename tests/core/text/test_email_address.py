"""One mailbox, one spelling."""

from __future__ import annotations

import pytest
from django import forms
from django.core.exceptions import ValidationError

from portal.core.text.email_address import (
    BARE,
    IN_FULL,
    PLAIN,
    REAL_DOMAIN,
    EmailAddressField,
    check_email,
    tidy_email,
)

ALICE = "alice@example.org"
ANNA = "anna@xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Alice@Example.ORG\t", ALICE),
        ("\uff21lice\uff20\uff45xample\uff0eorg", ALICE),  # letters, @ and full stop of full width
        ("alice@example\u3002org", ALICE),
        ("alice@example\uff61org", ALICE),
        ("alice@example.org.", ALICE),
        ("al\u00adice@exam\u00adple.org", ALICE),
        ("\ufeffalice\u200b@ex\u200dample.org\u202c", ALICE),
        ("\u212aim@\u212aite.example", "kim@kite.example"),  # the Kelvin sign
        ("Anna@B\u00dcCHER.example", ANNA),
        ("anna@bu\u0308cher.example", ANNA),  # ü as two characters
        ("anna@XN--BCHER-KVA.example", ANNA),
        ("anna@b\u00fccher\uff0eexample.", ANNA),
        ("anna@stra\u00dfe.example", "anna@xn--strae-oqa.example"),
        ("anna@d\u0131l.example", "anna@xn--dl-hpa.example"),  # a dotless i is a letter of its own
        ("anna@foo--bar.example", "anna@foo--bar.example"),
        ("o'neil+portal@example.org", "o'neil+portal@example.org"),
        ("", ""),
        ("alice", "alice"),
    ],
)
def test_every_spelling_becomes_the_one(typed: str, kept: str) -> None:
    assert tidy_email(typed) == kept
    assert tidy_email(kept) == kept
    if "@" in kept:
        check_email(kept)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("al\u0131ce@example.org", PLAIN),  # a dotless i
        ("\u0430lice@example.org", PLAIN),  # a Cyrillic a
        ("b\u00fccher@example.org", PLAIN),
        ('"alice"@example.org', BARE),
        ('"al ice"@example.org', BARE),
        ("alice(work)@example.org", BARE),
        ("Alice <alice@example.org>", BARE),
        ("alice@[127.0.0.1]", BARE),
        ("alice@[IPv6:::1]", BARE),
        ("alice@\u2764.example", REAL_DOMAIN),
        ("alice@-\u00fc.example", REAL_DOMAIN),
        ("alice", IN_FULL),
        ("alice@", IN_FULL),
        ("alice@example", IN_FULL),
        ("alice@exa mple.org", IN_FULL),
        ("alice@example..org", IN_FULL),
    ],
)
def test_what_cannot_be_told_for_one_is_refused_with_a_sentence(typed: str, sentence: str) -> None:
    field = EmailAddressField()
    with pytest.raises(ValidationError) as refused:
        field.clean(typed)
    assert refused.value.messages == [sentence]


def test_a_form_gives_the_one_spelling_and_keeps_to_the_length() -> None:
    class Form(forms.Form):
        email = EmailAddressField()

    form = Form({"email": "Anna@B\u00fccher.example"})
    assert form.is_valid()
    assert form.cleaned_data == {"email": ANNA}
    long = Form({"email": f"{'a' * 250}@example.org"})
    assert long.errors == {"email": ["Email address must be 254 characters or less"]}
