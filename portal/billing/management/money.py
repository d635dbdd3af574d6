"""What the commands about money share: how they refuse, and what they say of an invoice."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import CommandError

from portal.billing.allocating import MoneyRefused, MoreThanOwed
from portal.billing.finding_accounts import AccountNotFound
from portal.billing.finding_invoices import InvoiceNotFound
from portal.billing.models import Invoice
from portal.billing.payments import RecordedAlready
from portal.core.machine.commands import PortalCommand

LONGEST_NOTE = 250


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
        try:
            for name in ("note", "reason"):
                options[name] = _short(options.get(name) or "", name)
            said = self.act(**options)
        except MoreThanOwed as error:
            raise CommandError(f"{error} To keep it, add --keep-excess.", returncode=2) from error
        except RecordedAlready as error:
            raise CommandError(f"{error} To record it again, add --again.", returncode=2) from error
        except (InvoiceNotFound, AccountNotFound, MoneyRefused, ValueError) as error:
            raise CommandError(_sentence(str(error)), returncode=2) from error
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


def _short(text: str, name: str) -> str:
    text = text.strip()
    if len(text) > LONGEST_NOTE:
        raise ValueError(f"The {name} must be {LONGEST_NOTE} characters or less.")
    return text


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."
