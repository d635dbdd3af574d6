"""VAT: the rate that holds on a day, and totals by rate.

Rules (gov.uk, VAT guide and VATREC5010; EN 16931, BG-23):

- An amount has a tax code; the rate of a code is a dated row that staff edit.
- VAT is worked out on the sum of each code and rate, to the nearest penny, half up, never line
  by line.
- A body that is not registered (no VAT number in force that day) charges none: every amount is
  then outside the scope, and no page or document has a column for VAT.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.db.models import DateField, QuerySet, Subquery

from portal.billing.models import SupplierDetails, Tax, TaxCode, TaxRate
from portal.billing.readiness import NotReady, rate_missing, supplier_missing
from portal.core.money import ZERO, Money
from portal.core.rows.prepared import Prepared

NOT_REGISTERED = Tax(TaxCode.OUTSIDE, 0, "The supplier is not registered for VAT")
_NEEDS_A_RATE = {TaxCode.STANDARD, TaxCode.REDUCED}


class Taxed(Protocol):
    """Anything with a net amount and its tax: a line of a basket or of an invoice."""

    @property
    def net(self) -> Money: ...
    @property
    def tax(self) -> Tax: ...


@dataclass(frozen=True, slots=True)
class Group:
    """All that is taxed alike: one row of the VAT summary."""

    tax: Tax
    net: Money

    @property
    def vat(self) -> Money:
        return self.tax.of(self.net)

    @property
    def label(self) -> str:
        """“VAT at 20%”, “Exempt”."""
        return self.tax.label


@dataclass(frozen=True, slots=True)
class Totals:
    """Net, VAT by rate (highest first) and gross. `by_rate` is empty where no VAT applies."""

    net: Money
    by_rate: tuple[Group, ...]

    @property
    def vat(self) -> Money:
        return Money.total(group.vat for group in self.by_rate)

    @property
    def gross(self) -> Money:
        return self.net + self.vat


@dataclass(frozen=True, slots=True)
class Taxes:
    """The rates of one day, read once for a page with many prices.

    `vat_number` is that of the supplier details in force; empty: not registered; None: nobody has
    entered them yet, so that nothing can be billed.
    """

    on: date
    vat_number: str | None
    by_code: Mapping[str, Tax]

    @property
    def is_known(self) -> bool:
        """The office has said whether the body is registered."""
        return self.vat_number is not None

    @property
    def is_registered(self) -> bool:
        return bool(self.vat_number)

    def tax(self, code: str) -> Tax:
        """Raises NotReady where it cannot be known: no supplier details, or no rate, yet."""
        if not self.is_known:
            raise NotReady(supplier_missing(self.on))
        if not self.is_registered:
            return NOT_REGISTERED
        found = self.by_code.get(code)
        if found is not None:
            return found
        if code in _NEEDS_A_RATE:
            raise NotReady(rate_missing(code, self.on))
        return Tax(code)


def _rates(on: Any) -> QuerySet[TaxRate]:
    supplier = SupplierDetails.objects.begun(on).values("vat_number")[:1]
    return TaxRate.objects.begun(on).annotate(vat_number=Subquery(supplier))  # type: ignore[no-any-return]


_RATES = Prepared(_rates, on=DateField())


def taxes_on(on: date) -> Taxes:
    """All rates that hold on a day (London): one query."""
    rows: list[Any] = _RATES.rows(on=on)
    by_code: dict[str, Tax] = {}
    for row in rows:  # the newest first, so the first of a code is in force
        by_code.setdefault(row.code, Tax(row.code, row.basis_points, row.reason))
    return Taxes(on, rows[0].vat_number if rows else _vat_number(on), by_code)


def totals(lines: Iterable[Taxed]) -> Totals:
    """Totals of a basket or an invoice."""
    sums: dict[Tax, Money] = {}
    for line in lines:
        sums[line.tax] = sums.get(line.tax, ZERO) + line.net
    groups = [Group(tax, net) for tax, net in sums.items()]
    groups.sort(key=lambda group: (-group.tax.basis_points, group.tax.code, group.tax.reason))
    shown = groups if any(g.tax.code != TaxCode.OUTSIDE for g in groups) else []
    return Totals(Money.total(sums.values()), tuple(shown))


def _vat_number(on: date) -> str | None:
    supplier = SupplierDetails.objects.in_force(on)
    return supplier.vat_number if supplier else None
