"""`portal payment reverse PAYMENT DATE --reason …`"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from portal.billing.finding_accounts import find_credit
from portal.billing.management.money import MoneyCommand, add_date, how_it_stands
from portal.billing.models import Invoice, Payment
from portal.billing.payments import MoneyRefused, reverse
from portal.core.dates import read_date


class Command(MoneyCommand):
    help = (
        "Record that the bank took a payment back, such as a bounced cheque or a recalled transfer."
    )
    examples = """\
Example:
  portal payment reverse P000012 2027-04-06 --reason "cheque bounced"

Exits with 2, and records nothing, if something is wrong.
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("payment", metavar="PAYMENT", help="its number, such as P000012")
        add_date(parser, "it was taken back")
        parser.add_argument("--reason", default="", help="why, up to 250 characters")

    def act(self, **options: Any) -> str:
        payment = find_credit(options["payment"])
        if not isinstance(payment, Payment):
            raise MoneyRefused(
                f"{payment.number} is a credit note. You can only reverse a payment."
            )
        reverse(
            payment,
            reversed_on=read_date(options["date"]),
            reason=options["reason"],
            actor="portal payment reverse",
            at=timezone.now(),
        )
        said = [f"Reversed {payment.number}, {payment.amount} from {payment.account}."]
        settled = Invoice.objects.filter(allocations__payment=payment).distinct()
        for invoice in settled.order_by("pk"):
            said.append(f"It had settled invoice {invoice.number}. {how_it_stands(invoice)}")
        return "\n".join(said)
