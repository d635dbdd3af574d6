"""`portal payment allocate CREDIT NUMBER`"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from portal.billing.allocating import Credit, MoneyRefused, allocate, take_back
from portal.billing.finding_accounts import find_credit
from portal.billing.finding_invoices import find_invoice
from portal.billing.management.money import MoneyCommand, how_it_stands
from portal.billing.models import Allocation, CreditNote, Invoice
from portal.core.money import Money


class Command(MoneyCommand):
    help = "Settle an invoice with what is left of a payment or a credit note, or undo that."
    examples = """\
Examples:
  portal payment allocate P000012 000123
  portal payment allocate CN-000003 000124 --amount 20
  portal payment allocate P000013 000125 --for-another
  portal payment allocate P000012 000123 --take-back
  portal payment allocate write-off 000123 --take-back

Exits with 2, and changes nothing, if something is wrong.
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "credit",
            metavar="CREDIT",
            help="the number of a payment or a credit note; “write-off” with --take-back",
        )
        parser.add_argument("number", metavar="NUMBER", help="the invoice")
        parser.add_argument("--amount", default="", help="allocate no more than this, in pounds")
        parser.add_argument(
            "--take-back",
            action="store_true",
            help="undo it, all of it: the credit is to use again, and the invoice owed again",
        )
        parser.add_argument(
            "--for-another",
            action="store_true",
            help="the payment is of one account and the invoice of another: it is meant so",
        )

    def act(self, **options: Any) -> str:
        invoice = find_invoice(options["number"])
        given: dict[str, Any] = {"actor": "portal payment allocate", "at": timezone.now()}
        if options["take_back"]:
            if options["amount"]:
                raise MoneyRefused(
                    "Leave --amount out: what was allocated is taken back whole. Then allocate as "
                    "much as is meant."
                )
            wanted = _standing(options["credit"], invoice)
            for each in wanted:
                take_back(each, **given)
            total = Money.total(each.amount for each in wanted)
            return f"Took {total} back from invoice {invoice.number}. {how_it_stands(invoice)}"
        credit = find_credit(options["credit"])
        amount = Money.from_pounds(options["amount"]) if options["amount"] else None
        given["is_for_another"] = options["for_another"]
        made = allocate(credit, invoice=invoice, amount=amount, **given)
        return (
            f"Allocated {made.amount} of {credit.number} ({credit.account}) to invoice "
            f"{invoice.number} of {invoice.payer_name}. {how_it_stands(invoice)}"
        )


def _standing(named: str, invoice: Invoice) -> list[Allocation]:
    """What is allocated to the invoice of this credit."""
    rows = Allocation.objects.standing().filter(invoice=invoice)
    if named.strip().lower() == "write-off":
        if found := list(rows.exclude(write_off=None)):
            return found
        raise MoneyRefused(f"Invoice {invoice.number} is not written off.")
    credit = find_credit(named)
    if found := list(rows.filter(**_side(credit))):
        return found
    raise MoneyRefused(f"Nothing of {credit.number} is allocated to invoice {invoice.number}.")


def _side(credit: Credit) -> dict[str, Credit]:
    return {"credit_note" if isinstance(credit, CreditNote) else "payment": credit}
