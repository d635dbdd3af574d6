"""`portal payment NUMBER AMOUNT DATE`"""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from portal.billing.balance import PAID
from portal.billing.finding import InvoiceNotFound, find_invoice
from portal.billing.models import Invoice, Payment
from portal.billing.payments import (
    MoreThanOwed,
    PaymentRefused,
    RecordedAlready,
    record_payment,
)
from portal.core.commands import PortalCommand
from portal.core.dates import read_date, short_date
from portal.core.money import Money

EXAMPLES = """\
Examples:
  portal payment 000123 108.00 2027-03-31
  portal payment IMA-000123-5 £50 31/03/2027 --note "cheque 000481"

Exits with 2, and records nothing, if what was given cannot be right.
"""


class Command(PortalCommand):
    help = "Record a payment that came in and allocate it to an invoice."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(
            prog_name,
            subcommand,
            epilog=EXAMPLES,
            formatter_class=RawDescriptionHelpFormatter,
            **kwargs,
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "number",
            metavar="NUMBER",
            help="the invoice: its number, with or without zeros, or its payment reference",
        )
        parser.add_argument("amount", metavar="AMOUNT", help="pounds, such as 108.00 or £1,250")
        parser.add_argument(
            "date",
            metavar="DATE",
            help="the day on which the money came in, as 2027-03-31 or 31/03/2027",
        )
        parser.add_argument(
            "--keep-excess",
            action="store_true",
            help="take more than is owed: the rest is kept with the payment, unallocated",
        )
        parser.add_argument(
            "--again",
            action="store_true",
            help="the same amount came in twice on that day for the invoice: record it once more",
        )
        parser.add_argument("--note", default="", help="anything to remember, up to 250 characters")

    def handle(self, **options: Any) -> None:
        note = options["note"].strip()
        if len(note) > 250:
            raise CommandError("The note must be 250 characters or less.", returncode=2)
        try:
            invoice = find_invoice(options["number"])
            payment = record_payment(
                invoice,
                amount=Money.from_pounds(options["amount"]),
                received_on=read_date(options["date"]),
                actor="portal payment",
                at=timezone.now(),
                keep_excess=options["keep_excess"],
                is_another=options["again"],
                note=note,
            )
        except MoreThanOwed as error:
            raise CommandError(f"{error} To keep it, add --keep-excess.", returncode=2) from error
        except RecordedAlready as error:
            raise CommandError(f"{error} For that, add --again.", returncode=2) from error
        except (InvoiceNotFound, PaymentRefused, ValueError) as error:
            raise CommandError(_sentence(str(error)), returncode=2) from error
        self.stdout.write(report(Invoice.objects.with_balance().get(pk=invoice.pk), payment))


def report(invoice: Invoice, payment: Payment) -> str:
    """What was recorded, what it settled and what is left, in words."""
    allocated = Money.total(allocation.amount for allocation in payment.allocations.all())
    came_in = f"{payment.amount}, received on {short_date(payment.received_on)}"
    owed = "It is paid." if invoice.status == PAID else f"{invoice.balance} is still owed."
    said = [
        f"Recorded {came_in}.",
        f"Allocated {allocated} to invoice {invoice.number} of {invoice.payer_name}. {owed}",
    ]
    if payment.amount > allocated:
        said.append(f"Kept unallocated: {payment.amount - allocated}.")
    return "\n".join(said)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."
