"""The invoices that a person may see, as a list shows them: one query, whatever there is."""

from __future__ import annotations

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
    When,
)

from portal.billing.balance import Standing
from portal.billing.models import Invoice, InvoiceLine
from portal.billing.models.invoices import TOTALS
from portal.core.money import Money
from portal.core.rows.prepared import Prepared
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
    return [_listed(row) for row in query.rows(person=person.pk)]


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
    )


def _seen_by(person: Any) -> QuerySet[Invoice]:
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
        )
        .order_by(owed_first, "-issued_on", "-sequence")
    )
    return seen


_ALL = Prepared(_seen_by, person=BigIntegerField())
_SOME = Prepared(lambda person: _seen_by(person)[:200], person=BigIntegerField())
