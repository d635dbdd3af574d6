"""What the commands about money share: how they refuse, and what they say of an invoice."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction

from portal.billing.allocating import AnothersInvoice, MoneyRefused, MoreThanOwed
from portal.billing.finding_accounts import AccountNotFound
from portal.billing.finding_invoices import InvoiceNotFound
from portal.billing.models import Invoice
from portal.billing.payments import NothingOwed, RecordedAlready, WrittenOff
from portal.billing.readiness import NotReady
from portal.core.machine.commands import PortalCommand

#: What to add to the command where it was meant so.
WAYS_ON: dict[type[Exception], str] = {
    MoreThanOwed: "Give the amount that is owed, or add --keep-excess to keep the rest as credit.",
    RecordedAlready: "If the same amount came in twice that day, add --again.",
    NothingOwed: "If the money came in once more, add --again --keep-excess.",
    WrittenOff: "To take it back: portal payment allocate write-off NUMBER --take-back.",
    AnothersInvoice: "If that is what was meant, add --for-another.",
}


class MoneyCommand(PortalCommand):
    """A command that refuses with a sentence and exit status 2, and then has recorded nothing."""

    examples = ""
    actor = "portal"

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(
            prog_name,
            subcommand.replace("write_off", "write-off"),
            epilog=self.examples,
            formatter_class=RawDescriptionHelpFormatter,
            **kwargs,
        )

    def handle(self, **options: Any) -> None:
        """All of it in one transaction: what is refused in the end has written nothing."""
        try:
            with transaction.atomic():
                said = self.act(**options)
        except (InvoiceNotFound, AccountNotFound, MoneyRefused, NotReady, ValueError) as error:
            way_on = WAYS_ON.get(type(error), "")
            raise CommandError(
                f"{_sentence(str(error))} {way_on}".rstrip(), returncode=2
            ) from error
        self.stdout.write(said)

    def act(self, **options: Any) -> str:
        """Do it, and say what was done. Raises what `handle` puts into words."""
        raise NotImplementedError


def add_amount(parser: ArgumentParser, **more: Any) -> None:
    parser.add_argument("amount", metavar="AMOUNT", help="pounds, such as 108.00 or £1,250", **more)


def add_date(parser: ArgumentParser, what: str) -> None:
    parser.add_argument(
        "date", metavar="DATE", help=f"the day on which {what}, as 2027-03-31 or 31/03/2027"
    )


def add_note(parser: ArgumentParser) -> None:
    parser.add_argument("--note", default="", help="anything to remember, up to 250 characters")


def how_it_stands(invoice: Invoice) -> str:
    """“It is paid.”, “£20.00 is still owed.”"""
    now = Invoice.objects.with_balance().get(pk=invoice.pk)
    if now.is_settled:
        return f"It is {now.status.lower()}."
    return f"{now.balance} is still owed."


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."
