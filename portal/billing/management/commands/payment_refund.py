"""`portal payment refund WHOSE AMOUNT DATE`"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from portal.billing.credit_to_use import credits_of
from portal.billing.finding_accounts import credit_named, find_account
from portal.billing.management.money import MoneyCommand, add_amount, add_date, add_note
from portal.billing.refunding import refund
from portal.core.dates import read_date, short_date
from portal.core.money import Money


class Command(MoneyCommand):
    help = "Record that credit was paid back."
    examples = """\
Examples:
  portal payment refund CN-000003 40 2027-04-06
  portal payment refund jo@example.org 40 2027-04-06 --note "bank transfer"
  portal payment refund "Fern Advice" 40 2027-04-06

Exits with 2, and records nothing, if something is wrong.
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "whose",
            metavar="WHOSE",
            help=(
                "the number of a payment or credit note; or an email address or the name of an "
                "organisation, to use its oldest credit first"
            ),
        )
        add_amount(parser)
        add_date(parser, "the money was paid back")
        add_note(parser)

    def act(self, **options: Any) -> str:
        at, whose = timezone.now(), options["whose"]
        of = credit_named(whose)
        account = of.account if of is not None else find_account(whose, at=at)
        made = refund(
            account,
            amount=Money.from_pounds(options["amount"]),
            paid_on=read_date(options["date"]),
            actor="portal payment refund",
            at=at,
            note=options["note"],
            of=of,
        )
        left = Money.total(each.left for each in credits_of(account))
        return (
            f"Recorded a refund of {made.amount} to {account} on {short_date(made.paid_on)}. "
            f"Credit left: {left}."
        )
