"""What a place costs, with VAT at the rate for the kind of event.

Prices of options are net, as in the office's file; people pay the gross, so pages show the gross
first and the net beside it. A body that is not registered for VAT has one price.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from portal.billing.models import Tax, TaxCode
from portal.billing.readiness import NotReady
from portal.billing.vat import NOT_REGISTERED, Taxes
from portal.core.money import Money
from portal.events.models import Audience, RegistrationOption


@dataclass(frozen=True, slots=True)
class Price:
    """A net price in pence and how it is taxed."""

    net: Money
    tax: Tax

    @property
    def vat(self) -> Money:
        return self.tax.of(self.net)

    @property
    def gross(self) -> Money:
        return self.net + self.vat

    @property
    def split(self) -> str:
        """“£50.00 + VAT”, empty where there is no VAT on it."""
        return f"{self.net} + VAT" if self.vat else ""

    def __str__(self) -> str:
        if not self.net:
            return "Free"
        return f"{self.gross} ({self.split})" if self.split else str(self.gross)


def tax_of(tax_code: str | None, taxes: Taxes) -> Tax:
    """How places are taxed. Raises NotReady where the office has not said."""
    if taxes.is_registered and tax_code is None:
        raise NotReady(
            "There is no tax for this kind of event. Enter it under Events, Event taxes."
        )
    return taxes.tax(tax_code or TaxCode.OUTSIDE)


def known_tax(tax_code: str | None, taxes: Taxes) -> Tax | None:
    """As `tax_of`, for pages that only show prices: None instead of NotReady."""
    try:
        return tax_of(tax_code, taxes)
    except NotReady:
        return None


def known_codes(taxes: Taxes) -> list[str]:
    """The tax codes whose rate is known on the day."""
    return [code for code in TaxCode.values if known_tax(code, taxes) is not None]


def known_price(option: RegistrationOption, tax: Tax | None) -> Price | None:
    """The price of an option; None where it depends on a tax that is not known yet."""
    if tax is None:
        return None if option.price else Price(option.price, NOT_REGISTERED)
    return Price(option.price, tax)


def from_price(options: Iterable[RegistrationOption], tax: Tax | None) -> str:
    """The words for a list: “Free”, “£60.00”, “From £60.00”, “Members £60.00, others £90.00”.

    Funded places are left out: few can have them. Empty where no tax is known for what has a price.
    """
    offered = [option for option in options if option.audience != Audience.FUNDED]
    if tax is None:
        return "Free" if offered and not any(option.price for option in offered) else ""
    members = _grosses(offered, Audience.MEMBER, tax)
    others = _grosses(offered, Audience.NON_MEMBER, tax)
    words = _least(members or others)
    if members and others and members != others:
        words = f"members {words}, others {_least(others)}"
        if not any(members):
            words = f"free for members, others {_least(others)}"
    return words[:1].upper() + words[1:]


def _grosses(options: Iterable[RegistrationOption], audience: str, tax: Tax) -> list[Money]:
    """The different prices for an audience, the lowest first; what is for anyone is for it too."""
    theirs = (o for o in options if o.audience in {audience, Audience.ANYONE})
    return sorted({Price(option.price, tax).gross for option in theirs})


def _least(prices: Sequence[Money]) -> str:
    """“free”, “£60.00”, “from £60.00”, “free places, others from £60.00”."""
    paid = [price for price in prices if price]
    if not paid:
        return "free" if prices else ""
    least = str(paid[0]) if len(paid) == 1 else f"from {paid[0]}"
    return least if len(paid) == len(prices) else f"free places, others {least}"
