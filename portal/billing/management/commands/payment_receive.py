"""`portal payment receive AMOUNT DATE [NUMBER …]`"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from portal.billing.finding_accounts import find_account
from portal.billing.finding_invoices import find_invoice
from portal.billing.management.money import (
    MoneyCommand,
    add_amount,
    add_date,
    add_note,
    how_it_stands,
)
from portal.billing.models import Payment
from portal.billing.payments import MoneyRefused, receive
from portal.core.dates import read_date, short_date
from portal.core.money import Money


class Command(MoneyCommand):
    help = "Record a payment that came in, for one invoice, several or none."
    examples = """\
Examples:
  portal payment receive 108.00 2027-03-31 000123
  portal payment receive £360 31/03/2027 000123 000124 000125 --note "one transfer for three"
  portal payment receive 50 2027-03-31 --account jo@example.org

Exits with 2, and records nothing, if something is wrong.
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_amount(parser)
        add_date(parser, "the money came in")
        parser.add_argument(
            "numbers",
            metavar="NUMBER",
            nargs="*",
            help="the numbers or payment references of the invoices it settles, in this order",
        )
        parser.add_argument(
            "--account",
            default="",
            help=(
                "the email address or organisation that paid, if it is not the one the first "
                "invoice is to"
            ),
        )
        add_switches(parser)
        add_note(parser)

    def act(self, **options: Any) -> str:
        numbers = options.pop("numbers")
        return receive_and_report(numbers, actor="portal payment receive", **options)


def add_switches(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--keep-excess",
        action="store_true",
        help="accept more than is owed, and keep the rest as credit on the account",
    )
    parser.add_argument(
        "--again",
        action="store_true",
        help="the same amount came in twice that day, so record it again",
    )


def receive_and_report(numbers: Sequence[str], *, actor: str, **options: Any) -> str:
    """Record it, and say what was recorded, what it settled and what is left."""
    at = timezone.now()
    named = options.get("account") or ""
    if not numbers and not named:
        raise MoneyRefused("Give the number of an invoice, or say who paid with --account.")
    payment = receive(
        invoices=[find_invoice(number) for number in numbers],
        account=find_account(named, at=at) if named else None,
        amount=Money.from_pounds(options["amount"]),
        received_on=read_date(options["date"]),
        actor=actor,
        at=at,
        keep_excess=options["keep_excess"],
        is_another=options["again"],
        note=options["note"],
    )
    return _report(payment)


def _report(payment: Payment) -> str:
    said = [
        f"Recorded {payment.amount}, received on {short_date(payment.received_on)} "
        f"({payment.number})."
    ]
    for each in payment.allocations.select_related("invoice").order_by("pk"):
        said.append(
            f"Allocated {each.amount} to invoice {each.invoice.number}, "
            f"{each.invoice.payer_name}. {how_it_stands(each.invoice)}"
        )
    if left := payment.left:
        said.append(f"{left} is not allocated. {payment.account} has it as credit.")
    return "\n".join(said)
