"""The invoices a person may see, as a list shows them, in one query."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    F,
    OuterRef,
    QuerySet,
    SmallIntegerField,
    Subquery,
    Value,
    When,
)

from portal.billing.balance import Standing
from portal.billing.models import Invoice, InvoiceLine
from portal.billing.models.invoices import TOTALS
from portal.core.money import Money
from portal.core.rows.prepared import Prepared
from portal.people.models import Person

SOME = 200
_NOTHING = Value(None, output_field=BigIntegerField())


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
    came_of: int | None = None

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


class InvoiceList:
    """`came_of` gives, for a person, the expression of what an invoice came of, such as the key of
    their order: this floor knows of no orders."""

    def __init__(self, came_of: Callable[[Any], Any] = lambda _: _NOTHING) -> None:
        key = BigIntegerField()
        self._all = Prepared(lambda person: _seen_by(person, came_of(person)), person=key)
        self._some = Prepared(lambda person: _seen_by(person, came_of(person))[:SOME], person=key)

    def of(self, person: Person, *, everything: bool) -> list[ListedInvoice]:
        """Those on which something is owed, then the others; the newest first in each.

        No more than 200 unless everything is asked for; but always all on which something is owed.
        """
        query = self._all if everything else self._some
        rows = [_listed(row) for row in query.rows(person=person.pk)]
        if len(rows) == SOME and not everything and rows[-1].balance.pence > 0:
            return self.of(person, everything=True)
        return rows


def _listed(row: Any) -> ListedInvoice:
    totals = {name: Money(int(getattr(row, name))) for name in TOTALS}
    return ListedInvoice(
        number=row.number,
        issued_on=row.issued_on,
        due_on=row.due_on,
        organisation=row.organisation or "",
        standing=Standing(row.gross, **totals),
        description=row.description,
        line_count=row.line_count,
        came_of=row.came_of,
    )


def _seen_by(person: Any, came_of: Any) -> QuerySet[Invoice]:
    lines = InvoiceLine.objects.filter(invoice=OuterRef("pk")).order_by()
    owed_first = Case(
        When(allocated__lt=F("net") + F("vat"), then=0),
        default=1,
        output_field=SmallIntegerField(),
    )
    seen: QuerySet[Invoice] = (
        Invoice.objects.for_person(person)
        .with_balance()
        .only("number", "issued_on", "due_on", "net", "vat")
        .annotate(
            organisation=F("account__organisation__name"),
            description=Subquery(lines.filter(position=1).values("description")[:1]),
            line_count=Subquery(lines.values("invoice").annotate(n=Count("pk")).values("n")),
            came_of=came_of,
        )
        .order_by(owed_first, "-issued_on", "-sequence")
    )
    return seen


invoices_of = InvoiceList().of
