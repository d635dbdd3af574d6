"""The invoices a person may see, as a list shows them, in one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, F, OuterRef, QuerySet, SmallIntegerField, Subquery, When

from portal.billing.balance import Standing
from portal.billing.models import Invoice, InvoiceLine
from portal.billing.models.invoices import TOTALS
from portal.core.money import Money
from portal.core.rows.prepared import PreparedQuery
from portal.people.models import Person


@dataclass(frozen=True, slots=True)
class ListedInvoice:
    """What a list shows of an invoice. `description` is that of its first line; `organisation` is
    empty where a person is billed."""

    number: str
    issued_on: date
    due_on: date
    organisation: str
    standing: Standing
    description: str
    line_count: int

    @property
    def gross(self) -> Money:
        return self.standing.gross

    @property
    def balance(self) -> Money:
        return self.standing.owed

    @property
    def summary(self) -> str:
        """“Debt relief orders”, “Debt relief orders and 2 more”."""
        more = self.line_count - 1
        return f"{self.description} and {more} more" if more else self.description

    def status(self, on: date) -> str:
        return self.standing.status(due_on=self.due_on, on=on)


def invoices_of(person: Person, *, everything: bool) -> list[ListedInvoice]:
    """Those on which something is owed, then the others; the newest first in each.

    No more than 200 unless everything is asked for.
    """
    query = _ALL if everything else _SOME
    return [_row(*row) for row in query.rows(person.pk)]


def _row(
    number: str,
    issued_on: date,
    due_on: date,
    organisation: str | None,
    net: Money,
    vat: Money,
    *more: Any,
) -> ListedInvoice:
    *totals, description, line_count = more
    standing = Standing(net + vat, **dict(zip(TOTALS, totals, strict=True)))
    return ListedInvoice(
        number, issued_on, due_on, organisation or "", standing, description, line_count
    )


def _listed(person: Any) -> QuerySet[Any, Any]:
    lines = InvoiceLine.objects.filter(invoice=OuterRef("pk")).order_by()
    owed_first = Case(
        When(allocated__lt=F("net") + F("vat"), then=0),
        default=1,
        output_field=SmallIntegerField(),
    )
    return (
        Invoice.objects.for_person(person)
        .with_balance()
        .order_by(owed_first, "-issued_on", "-sequence")
        .values_list(
            "number",
            "issued_on",
            "due_on",
            "account__organisation__name",
            "net",
            "vat",
            *TOTALS,
            Subquery(lines.filter(position=1).values("description")[:1]),
            Subquery(lines.values("invoice").annotate(n=Count("pk")).values("n")),
        )
    )


_ALL = PreparedQuery(_listed)
_SOME = PreparedQuery(lambda person: _listed(person)[:200])
