"""Billing accounts: who is billed, on what terms, and who may see what they were billed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.expressions import Combinable
from django.utils import timezone

from portal.core.rows.prepared import Prepared
from portal.organisations.models import Organisation
from portal.people.models import Address, Person


class BillingAccountQuerySet(models.QuerySet["BillingAccount"]):
    def seen_by(self, person: Person | Combinable) -> Self:
        """The person's own, and those of organisations whose verified contact they are.

        An expression stands for a person's key. None would mean the accounts that are no person's:
        nobody sees nothing. Raises TypeError for it.
        """
        if not isinstance(person, Person | Combinable):
            raise TypeError(f"{person!r} is nobody who could see an account")
        contacts = AccountContact.objects.verified().filter(person=person)
        return self.filter(Q(person=person) | Q(pk__in=contacts.values("account")))


class BillingAccount(models.Model):
    """One person's or one organisation's account: documents and money belong to it.

    A person's address and purchase order number are in their details; an organisation's are here.
    """

    person = models.OneToOneField(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="billing_account"
    )
    organisation = models.OneToOneField(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="billing_account",
    )
    payment_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(365, "Give at most a year: 365 days.")],
        help_text=(
            "Days from an invoice’s date until it is due. Leave it empty to use the supplier "
            "details."
        ),
    )
    address = models.TextField(
        "address for invoices",
        blank=True,
        help_text=(
            "For an organisation, with each line of the address on its own line. A person’s "
            "address is in their details."
        ),
    )
    purchase_order_number = models.CharField(
        max_length=40,
        blank=True,
        help_text="For an organisation. Shown on every open invoice that has no number of its own.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = BillingAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person=None, organisation__isnull=False)
                | Q(person__isnull=False, organisation=None),
                name="account_is_one_persons_or_organisations",
                violation_error_message="Choose a person or an organisation, and not both.",
            ),
            models.CheckConstraint(
                condition=Q(person=None) | Q(address="", purchase_order_number=""),
                name="a_persons_details_are_in_people",
                violation_error_message=(
                    "Leave the address and the purchase order number empty: a person’s are "
                    "in their details."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """As an invoice names it: “Ms Alice Archer”, “Fern Advice”."""
        if self.person is not None:
            return self.person.formal_name
        return self.organisation.name if self.organisation is not None else ""

    @property
    def is_organisation(self) -> bool:
        return self.organisation_id is not None

    @property
    def purchase_order_default(self) -> str:
        """The number on every open invoice that has none of its own; empty where there is none."""
        holder = self if self.person is None else self.person
        return holder.purchase_order_number

    @property
    def billing_address(self) -> str:
        """The lines of the address for invoices; empty where there is none."""
        if self.person is None:
            return "\n".join(line for line in map(str.strip, self.address.splitlines()) if line)
        return billing_address(self.person)

    def due_on(self, issued_on: date, *, usual_days: int) -> date:
        """When an invoice of this date is to be paid."""
        days = usual_days if self.payment_days is None else self.payment_days
        return issued_on + timedelta(days=days)


_ADDRESS = Prepared(
    lambda person: Address.objects.filter(person=person).order_by(
        "-is_billing", "-is_mailing", "pk"
    )[:1],
    person=models.BigIntegerField(),
)


def billing_address(person: Person) -> str:
    """The lines of the billing address; of another one where none is for billing."""
    address = _ADDRESS.first(person=person.pk)
    return "\n".join(address.lines) if address else ""


class AccountContactQuerySet(models.QuerySet["AccountContact"]):
    def verified(self) -> Self:
        return self.exclude(verified_at=None)


class AccountContact(models.Model):
    """Somebody who sees an organisation's invoices, and is mailed them, once verified."""

    account = models.ForeignKey(BillingAccount, on_delete=models.CASCADE, related_name="contacts")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.CharField(max_length=250, blank=True)

    objects = AccountContactQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["account", "person"], name="one_contact_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.person} for {self.account}"
