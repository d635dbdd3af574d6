"""Forms of the office that move money: each reads what was typed, and does its act.

`act` is the act of the form, `accounts` whose money it moves, `do` does it and says in sentences
what it does, which are true before (when it is only tried) and after.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django import forms

from portal.billing.allocating import Credit, allocate, take_back
from portal.billing.credit_to_use import credits_of
from portal.billing.crediting import LineCredit, issue_credit_note, left_of
from portal.billing.finding_accounts import find_account
from portal.billing.finding_invoices import InvoiceNotFound, find_invoice
from portal.billing.models import Allocation, BillingAccount, Invoice, Payment
from portal.billing.payments import receive, reverse
from portal.billing.refunding import refund
from portal.billing.writing_off import write_off
from portal.core.dates import short_date, today
from portal.core.forms.base import PortalForm
from portal.core.money import PoundsField

Told = list[str]


class DayField(forms.DateField):
    def __init__(self, **more: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, initial=today, **more)


def words(label: str, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=250, **more)


class MoneyForm(PortalForm):
    act: ClassVar[Callable[..., Any]]
    title: ClassVar[str]
    button: ClassVar[str]

    def __init__(self, *args: Any, row: Any = None, **named: Any) -> None:
        super().__init__(*args, **named)
        self.row = row

    def accounts(self, *, at: datetime) -> list[int]:  # noqa: ARG002
        return [self.row.account_id]

    def do(self, **given: Any) -> Told:
        """`given`: actor and at. Raises what the act raises."""
        raise NotImplementedError


def _stands(invoice: Invoice) -> str:
    now = Invoice.objects.with_balance().get(pk=invoice.pk)
    how = now.status if now.is_settled else f"{now.balance} owed"
    return f"Invoice {now.number} of {now.payer_name}: {how}."


class ReceiveForm(MoneyForm):
    act = receive
    title, button = "Record a payment", "Record the payment"

    amount = PoundsField(label="Amount, in pounds")
    received_on = DayField(label="Date received")
    numbers = forms.CharField(
        label="Invoices that it settles",
        required=False,
        help_text="Numbers or payment references, in order, with commas between them.",
    )
    holder = forms.CharField(
        label="Who paid",
        required=False,
        help_text="An email address, or the name of an organisation. Leave it empty if the payer "
        "is the one on the first invoice.",
    )
    keep_excess = forms.BooleanField(
        label="If it is more than is owed, keep the rest as credit", required=False
    )
    is_another = forms.BooleanField(
        label="The same amount came in twice that day, and this is the second payment",
        required=False,
    )
    note = words("Note", required=False)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if isinstance(self.row, Invoice):
            self.initial.setdefault("numbers", self.row.number)
            self.initial.setdefault("amount", self.row.balance)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.invoices: list[Invoice] = []
        for number in filter(str.strip, cleaned.get("numbers", "").split(",")):
            try:
                found = find_invoice(number)
            except InvoiceNotFound as refusal:
                self.add_error("numbers", str(refusal))
            else:
                self.invoices.append(found)
        if not self.errors and not self.invoices and not cleaned["holder"]:
            self.add_error("numbers", "Enter an invoice, or who paid.")
        return cleaned

    def accounts(self, *, at: datetime) -> list[int]:
        holder = self.cleaned_data["holder"]
        of = [find_account(holder, at=at).pk] if holder else []
        return [*of, *(invoice.account_id for invoice in self.invoices)]

    def do(self, **given: Any) -> Told:
        said = self.cleaned_data
        holder = said["holder"]
        payment = receive(
            invoices=self.invoices,
            account=find_account(holder, at=given["at"]) if holder else None,
            **{name: said[name] for name in ("amount", "received_on", "note")},
            **{name: said[name] for name in ("keep_excess", "is_another")},
            **given,
        )
        told = [f"{payment.amount}, received on {short_date(payment.received_on)}."]
        for each in payment.allocations.select_related("invoice").order_by("pk"):
            told.append(f"{each.amount} settles an invoice. {_stands(each.invoice)}")
        if left := payment.left:
            told.append(f"{left} is credit of {payment.account}.")
        return told


class AllocateForm(MoneyForm):
    act = allocate
    title, button = "Use credit for an invoice", "Use it"

    number = forms.CharField(label="Invoice", help_text="Its number, or its payment reference.")
    amount = PoundsField(
        label="Amount, in pounds",
        required=False,
        help_text="Leave it empty to use as much as is owed.",
    )

    is_for_another = forms.BooleanField(
        label="The invoice is somebody else’s, and this payment is meant for it", required=False
    )

    def clean_number(self) -> str:
        try:
            self.invoice = find_invoice(self.cleaned_data["number"])
        except InvoiceNotFound as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return self.invoice.number

    def accounts(self, *, at: datetime) -> list[int]:  # noqa: ARG002
        return [self.row.account_id, self.invoice.account_id]

    def do(self, **given: Any) -> Told:
        said = {name: self.cleaned_data[name] for name in ("amount", "is_for_another")}
        made = allocate(self.row, invoice=self.invoice, **said, **given)
        return [f"{made.amount} of {self.row.number} is used. {_stands(self.invoice)}"]


class TakeBackForm(MoneyForm):
    act = take_back
    title, button = "Take an allocation back", "Take it back"

    def accounts(self, *, at: datetime) -> list[int]:  # noqa: ARG002
        allocation: Allocation = self.row
        return [side.account_id for side in (allocation.credit, allocation.debit)]

    def do(self, **given: Any) -> Told:
        take_back(self.row, **given)
        told = [f"{self.row.amount} of {self.row.credit} is taken back from what it settled."]
        return told + ([_stands(self.row.invoice)] if self.row.invoice else [])


class ReverseForm(MoneyForm):
    act = reverse
    title, button = "Record that the bank took a payment back", "Record it"

    reversed_on = DayField(label="Date taken back")
    reason = words("Why", help_text="Such as “cheque bounced”.")

    def accounts(self, *, at: datetime) -> list[int]:  # noqa: ARG002
        payment: Payment = self.row
        settled = payment.allocations.exclude(invoice=None).values_list(
            "invoice__account", flat=True
        )
        return [payment.account_id, *settled]

    def do(self, **given: Any) -> Told:
        reverse(self.row, **self.cleaned_data, **given)
        settled = Invoice.objects.filter(allocations__payment=self.row).distinct().order_by("pk")
        whole = f"{self.row.amount}, received on {short_date(self.row.received_on)}, is taken back."
        return [whole, *map(_stands, settled)]


class RefundForm(MoneyForm):
    act = refund
    title, button = "Record a refund", "Record the refund"

    amount = PoundsField(label="Amount, in pounds")
    paid_on = DayField(label="Date paid back")
    of = forms.ChoiceField(label="From which credit", required=False)
    note = words("Note", required=False)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        found = credits_of(self.row) if self.row is not None else []
        self.usable = {each.number: each for each in found}
        choices = [(number, f"{number}: {each.left}") for number, each in self.usable.items()]
        self.fields["of"].choices = [("", "The oldest first"), *choices]  # type: ignore[attr-defined]

    def accounts(self, *, at: datetime) -> list[int]:  # noqa: ARG002
        return [self.row.pk]

    def do(self, **given: Any) -> Told:
        account: BillingAccount = self.row
        said = {**self.cleaned_data, **given}
        of: Credit | None = self.usable.get(said.pop("of"))
        made = refund(account, of=of, **said)
        return [f"{made.amount} is paid back to {account} on {short_date(made.paid_on)}."]


class WriteOffForm(MoneyForm):
    act = write_off
    title, button = "Write off what is owed", "Write it off"

    reason = words("Why", help_text="Such as “payer is bankrupt”.")

    def do(self, **given: Any) -> Told:
        made = write_off(self.row, reason=self.cleaned_data["reason"], **given)
        return [f"{made.amount} is given up. {_stands(self.row)}"]


class CreditForm(MoneyForm):
    """All that is left of the invoice, or of its lines what was typed."""

    act = issue_credit_note
    title, button = "Issue a credit note", "Issue the credit note"

    reason = words("Why", help_text="This is printed on the credit note.")
    is_whole = forms.BooleanField(
        label="The whole invoice, or all that is left of it", required=False
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.positions = []
        for left in left_of(self.row) if self.row is not None else []:
            if left.net.pence <= 0:
                continue
            position, name = left.line.position, f"Line {left.line.position}"
            self.positions.append(position)
            self.fields[f"all_{position}"] = forms.BooleanField(
                label=f"{name}, {left.line.description}: all that is left, {left.net} before VAT",
                required=False,
            )
            self.fields[f"quantity_{position}"] = forms.IntegerField(
                label=f"{name}: or how many, of {left.quantity}", required=False, min_value=1
            )
            self.fields[f"net_{position}"] = PoundsField(
                label=f"{name}: or an amount before VAT, in pounds", required=False
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.lines: list[LineCredit] = []
        for position in self.positions:
            is_all = cleaned.get(f"all_{position}")
            quantity, net = cleaned.get(f"quantity_{position}"), cleaned.get(f"net_{position}")
            ways = bool(is_all) + (quantity is not None) + (net is not None)
            if ways > 1:
                self.add_error(f"all_{position}", f"Choose one way to credit line {position}.")
            elif ways:
                self.lines.append(LineCredit(position, quantity=quantity, net=net))
        if not self.errors and bool(cleaned["is_whole"]) == bool(self.lines):
            self.add_error(None, "Choose all that is left of the invoice, or some of its lines.")
        return cleaned

    def do(self, **given: Any) -> Told:
        lines = None if self.cleaned_data["is_whole"] else self.lines
        reason = self.cleaned_data["reason"]
        note = issue_credit_note(self.row, reason=reason, lines=lines, **given)
        told = [
            f"A credit note of {note.gross}: {note.net} and {note.vat} VAT.",
            _stands(self.row),
        ]
        if left := note.left:
            told.append(f"{left} of it is credit of {note.account}.")
        return [*told, "We email it to the payer."]
