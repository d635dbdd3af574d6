"""Finding an account, or a credit, from what somebody typed."""

from __future__ import annotations

from datetime import datetime

from portal.billing.accounts import account_of
from portal.billing.allocating import Credit
from portal.billing.models import BillingAccount, CreditNote, Payment
from portal.core.text.email_address import tidy_email
from portal.organisations.models import Organisation
from portal.people.models import Person


class AccountNotFound(Exception):
    """Nobody, or more than one, is meant. The text says what was looked for."""


def find_account(text: str, *, at: datetime) -> BillingAccount:
    """The account of the person with an email address, or of the organisation of a name.

    It is opened where there is none yet, in the caller's transaction. Raises AccountNotFound.
    """
    wanted = " ".join(text.split())
    found: list[Person | Organisation] = []
    if "@" in wanted:
        found += Person.objects.with_email(tidy_email(wanted))
    elif wanted:
        found += Organisation.objects.filter(compared_name=wanted)
    if len(found) == 1:
        return account_of(found[0], at=at)
    if found:
        raise AccountNotFound(
            f"Several people have the address {wanted[:80]}. Give an invoice number instead."
        )
    raise AccountNotFound(
        f"There is no account for “{wanted[:80]}”. Give the email address of a person, or the "
        "name of an organisation as the office has it."
    )


def find_credit(text: str) -> Credit:
    """The payment of a number such as P000012, or the credit note of one such as CN-000003; zeros
    and the dash may be left out.

    Raises AccountNotFound.
    """
    credit = credit_named(text)
    if credit is None:
        raise AccountNotFound(
            f"There is no payment or credit note “{text.strip()[:40]}”. Give its number, such as "
            "P000012 or CN-000003. The office lists them under Billing."
        )
    return credit


def credit_named(text: str) -> Credit | None:
    """As `find_credit`; None where nothing has this number."""
    wanted = "".join(text.upper().split())
    digits = wanted[len(wanted.rstrip("0123456789")) :]
    letters = wanted.removesuffix(digits).rstrip("-")
    if not 0 < len(digits) < 10 or not letters:
        return None
    if letters == "P":
        payment: Payment | None = Payment.objects.filter(pk=int(digits)).first()
        return payment
    for note in CreditNote.objects.filter(sequence=int(digits)).order_by("pk"):
        if note.number.rstrip("0123456789").rstrip("-") == letters:
            found: CreditNote = note
            return found
    return None
