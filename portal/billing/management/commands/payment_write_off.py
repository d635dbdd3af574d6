"""`portal payment write-off NUMBER --reason …`"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from portal.billing.finding_invoices import find_invoice
from portal.billing.management.money import MoneyCommand
from portal.billing.writing_off import write_off


class Command(MoneyCommand):
    help = "Write off what is still owed on an invoice. If the invoice is wrong, use portal credit."
    examples = """\
Example:
  portal payment write-off 000123 --reason "payer is bankrupt"

Exits with 2, and records nothing, if something is wrong.
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", metavar="NUMBER", help="the invoice")
        parser.add_argument("--reason", default="", help="why, up to 250 characters")

    def act(self, **options: Any) -> str:
        invoice = find_invoice(options["number"])
        made = write_off(
            invoice,
            reason=options["reason"],
            actor="portal payment write-off",
            at=timezone.now(),
        )
        return f"Wrote off {made.amount} of invoice {invoice.number} to {invoice.payer_name}."
