"""`portal credit NUMBER --reason …`"""

from __future__ import annotations

import re
from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from portal.billing.crediting import LineCredit, issue_credit_note
from portal.billing.finding_invoices import find_invoice
from portal.billing.management.money import MoneyCommand, how_it_stands
from portal.core.money import Money

LINE = re.compile(r"^\s*(\d{1,4})\s*(?::\s*(£?)\s*(\S+)\s*)?$")


class Command(MoneyCommand):
    help = "Issue a credit note for a whole invoice or for some of its lines, and email it."
    examples = """\
Examples:
  portal credit 000123 --reason "Course cancelled"
  portal credit 000123 --reason "Bob Brook cannot come" --line 2
  portal credit 000123 --reason "One handbook came back" --line 3:1
  portal credit 000123 --reason "Price was wrong" --line 1:£10.00

A line is given by its place on the invoice, from 1. After a colon: how many of it, or, with £, an
amount before VAT. VAT is added as on the invoice. What was paid becomes credit of the account:
portal payment allocate uses it for another invoice, portal payment refund records that it was paid
back. For a debt that nobody pays: portal payment write-off.

Exits with 2, and issues nothing, if something is wrong.
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", metavar="NUMBER", help="the invoice")
        parser.add_argument("--reason", default="", help="why, as it stands on the credit note")
        parser.add_argument(
            "--line", action="append", metavar="LINE", help="a line, so many of it, or an amount"
        )

    def act(self, **options: Any) -> str:
        invoice = find_invoice(options["number"])
        lines = [_read(text) for text in options["line"]] if options["line"] else None
        note = issue_credit_note(
            invoice,
            reason=options["reason"],
            lines=lines,
            actor="portal credit",
            at=timezone.now(),
        )
        said = [
            f"Issued credit note {note.number} for {note.gross} of invoice {invoice.number} to "
            f"{invoice.payer_name}. {how_it_stands(invoice)}"
        ]
        if note.left:
            said.append(f"{note.account} has {note.left} of credit from it.")
        return "\n".join(said)


def _read(text: str) -> LineCredit:
    """“2”, “2:1”, “2:£10.00”. Raises ValueError with a sentence."""
    found = LINE.match(text)
    if found is None:
        raise ValueError(f"“{text[:40]}” is not a line. Write it as 2, 2:1 or 2:£10.00")
    position, pounds, part = int(found[1]), found[2], found[3]
    if part is None:
        return LineCredit(position)
    if pounds:
        return LineCredit(position, net=Money.from_pounds(part))
    if not (part.isascii() and part.isdecimal() and len(part) < 8):
        raise ValueError(
            f"“{part[:40]}” is not a number. Write how many, such as 1, or an amount with £"
        )
    return LineCredit(position, quantity=int(part))
