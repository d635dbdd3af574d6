"""Credit to use: what is left of an account's payments and credit notes."""

from __future__ import annotations

from datetime import date

from portal.billing.models import BillingAccount, CreditNote, Payment
from portal.core.money import ZERO, Money
from portal.people.models import Person


def credits_of(account: BillingAccount) -> list[Payment | CreditNote]:
    """Those of which something is left, the oldest first: two queries."""
    payments = list(Payment.objects.filter(account=account).to_use())
    notes = list(CreditNote.objects.filter(account=account).to_use())
    return sorted([*payments, *notes], key=_day)


def credit_seen_by(person: Person) -> list[tuple[str, Money]]:
    """For each account that the person sees and that has credit: whose it is, and how much.

    One query. The name is that of an organisation, empty for the person's own.
    """
    seen = BillingAccount.objects.seen_by(person)
    columns = ("account", "account__organisation__name", "rest")
    rows = [
        rows.filter(account__in=seen).to_use().order_by().with_what_is_left().values_list(*columns)
        for rows in (Payment.objects, CreditNote.objects)
    ]
    totals: dict[tuple[int, str], Money] = {}
    for key, name, left in rows[0].union(rows[1], all=True):
        whose = (key, name or "")
        totals[whose] = totals.get(whose, ZERO) + Money(left)
    return sorted((name, left) for (_, name), left in totals.items())


def credit_from(credit: Payment | CreditNote) -> date:
    """The London day on which the money came in, or the credit note was issued."""
    return credit.issued_on if isinstance(credit, CreditNote) else credit.received_on


def _day(credit: Payment | CreditNote) -> tuple[date, bool]:
    return credit_from(credit), isinstance(credit, CreditNote)
