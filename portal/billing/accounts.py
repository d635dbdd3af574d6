"""Billing accounts: opening them, and who may see an organisation's.

Rules:

- Who is billed is an account: one person's or one organisation's, and each has at most one. It is
  there from the first time that it is needed.
- Who sees what an organisation is billed, and is mailed it, is a contact whom the office verified.
  The first of them is named on the invoice: “For the attention of …”.
- A person's account has no contacts: their invoices are theirs alone.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal.billing.models import AccountContact, BillingAccount
from portal.billing.models.accounts import billing_address
from portal.core.office.permitting import needs
from portal.core.rows.history import record
from portal.core.rows.locking import lock_one
from portal.organisations.models import Organisation
from portal.people.models import Person

__all__ = [
    "ContactRefused",
    "account_of",
    "add_contact",
    "billing_address",
    "contacts_of",
    "remove_contact",
]


class ContactRefused(Exception):
    """The person cannot be a contact of the account. The text says why."""


def account_of(payer: Person | Organisation, *, at: datetime) -> BillingAccount:
    """The account of a person or an organisation, opened where there is none yet."""
    whose = {"person" if isinstance(payer, Person) else "organisation": payer}
    found, _ = BillingAccount.objects.get_or_create(**whose, defaults={"created_at": at})
    return found


@needs("billing.change_billingaccount")
def add_contact(
    account: BillingAccount, *, person: Person, actor: object, at: datetime
) -> AccountContact:
    """Let a person see what an organisation is billed. Somebody already there is verified.

    Raises ContactRefused for the account of a person.
    """
    if not account.is_organisation:
        raise ContactRefused(f"The account of {account} is a person’s: it has no contacts.")
    with transaction.atomic():
        lock_one(BillingAccount.objects.filter(pk=account.pk))
        contact, _ = AccountContact.objects.update_or_create(
            account=account,
            person=person,
            defaults={"verified_at": at, "verified_by": str(actor)[:250]},
        )
        record("billing contact added", account, actor=actor, at=at, contact=str(person))
    return contact


@needs("billing.change_billingaccount")
def remove_contact(account: BillingAccount, *, person: Person, actor: object, at: datetime) -> None:
    """The person sees nothing of the account any more, nor is mailed."""
    with transaction.atomic():
        lock_one(BillingAccount.objects.filter(pk=account.pk))
        gone, _ = AccountContact.objects.filter(account=account, person=person).delete()
        if gone:
            record("billing contact removed", account, actor=actor, at=at, contact=str(person))


def contacts_of(account: BillingAccount) -> list[Person]:
    """Who is written to: the person, or the verified contacts of the organisation, in order."""
    if account.person is not None:
        return [account.person]
    verified = account.contacts.verified().select_related("person")
    return [contact.person for contact in verified]
