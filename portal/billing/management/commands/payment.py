"""`portal payment NUMBER AMOUNT DATE`: the short form of `portal payment receive`, one invoice."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from portal.billing.management.commands.payment_receive import add_switches, receive_and_report
from portal.billing.management.money import MoneyCommand, add_amount, add_date, add_note


class Command(MoneyCommand):
    help = "Record a payment that came in and allocate it to an invoice."
    examples = """\
Examples:
  portal payment 000123 108.00 2027-03-31
  portal payment IMA-000123-5 £50 31/03/2027 --note "cheque 000481"

For no invoice, or several at once, and for money that goes back, see portal payment receive,
allocate, reverse, refund, write-off.

Exits with 2, and records nothing, if something is wrong.
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "number",
            metavar="NUMBER",
            help="the invoice: its number, with or without zeros, or its payment reference",
        )
        add_amount(parser)
        add_date(parser, "the money came in")
        add_switches(parser)
        add_note(parser)

    def act(self, **options: Any) -> str:
        return receive_and_report([options["number"]], actor="portal payment", **options)
