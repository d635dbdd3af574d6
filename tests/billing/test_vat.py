"""VAT by code and rate, as of a day."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from portal.billing import vat
from portal.billing.models import SupplierDetails, Tax, TaxCode, TaxRate
from portal.billing.readiness import NotReady
from portal.core.dates import today
from portal.core.money import Money
from tests import factories

STANDARD = Tax(TaxCode.STANDARD, 2000)
EXEMPT = Tax(TaxCode.EXEMPT, 0, "Exempt: education")


@dataclass(frozen=True)
class Amount:
    """Something to be taxed."""

    net: Money
    tax: Tax


def tax_on(code: str, on: date) -> Tax:
    return vat.taxes_on(on).tax(code)


class TestTotals:
    def test_vat_is_rounded_once_for_each_rate_not_for_each_line(self):
        lines = [Amount(Money(1), STANDARD)] * 3 + [Amount(Money(4), STANDARD)] * 1

        totals = vat.totals(lines)

        assert [vat.totals([line]).vat for line in lines] == [Money(0)] * 3 + [Money(1)]
        assert (totals.net, totals.vat, totals.gross) == (Money(7), Money(1), Money(8))

    @pytest.mark.parametrize(
        ("net", "basis_points", "tax"),
        [(250, 2000, 50), (2, 2000, 0), (3, 2000, 1), (10, 500, 1), (9, 500, 0), (100, 1750, 18)],
    )
    def test_half_a_penny_is_rounded_up(self, net, basis_points, tax):
        totals = vat.totals([Amount(Money(net), Tax(TaxCode.STANDARD, basis_points))])

        assert totals.vat == Money(tax)

    def test_each_rate_has_its_row_the_highest_first(self):
        reduced = Tax(TaxCode.REDUCED, 500)
        totals = vat.totals(
            [
                Amount(Money(1000), EXEMPT),
                Amount(Money(2000), reduced),
                Amount(Money(3000), STANDARD),
                Amount(Money(4000), STANDARD),
            ]
        )

        assert [(g.label, g.net, g.vat) for g in totals.by_rate] == [
            ("VAT at 20%", Money(7000), Money(1400)),
            ("VAT at 5%", Money(2000), Money(100)),
            ("Exempt", Money(1000), Money(0)),
        ]
        assert totals.gross == Money(11_500)

    def test_where_no_vat_applies_there_is_no_row_for_it(self):
        totals = vat.totals([Amount(Money(1000), vat.NOT_REGISTERED)])

        assert totals.by_rate == ()
        assert totals.gross == totals.net == Money(1000)

    def test_a_rate_in_words(self):
        rates = [2000, 1750, 1225, 0]

        words = [Tax(TaxCode.STANDARD, r).rate for r in rates]

        assert words == ["20%", "17.5%", "12.25%", "0%"]
        assert EXEMPT.rate == "Exempt"


@pytest.mark.parametrize("code", [TaxCode.ZERO, TaxCode.EXEMPT, TaxCode.OUTSIDE])
def test_what_bears_no_vat_bears_none_whatever_its_rate(code):
    assert vat.Group(Tax(code, 2000), Money(10_000)).vat == Money(0)


@pytest.mark.django_db
class TestRates:
    def test_the_rate_of_the_day_holds(self):
        TaxRate.objects.create(
            code=TaxCode.STANDARD, valid_from=date(2030, 4, 1), basis_points=2250
        )

        assert tax_on(TaxCode.STANDARD, date(2030, 3, 31)).basis_points == 2000
        assert tax_on(TaxCode.STANDARD, date(2030, 4, 1)).basis_points == 2250

    def test_an_exemption_says_why(self):
        tax = tax_on(TaxCode.EXEMPT, today())

        assert tax == Tax(TaxCode.EXEMPT, 0, "Exempt: VAT Act 1994, Schedule 9, Group 9")

    def test_zero_and_outside_need_no_row(self):
        assert tax_on(TaxCode.ZERO, today()) == Tax(TaxCode.ZERO)
        assert tax_on(TaxCode.OUTSIDE, today()) == Tax(TaxCode.OUTSIDE)

    def test_a_rate_that_nobody_entered_is_asked_for(self):
        with pytest.raises(NotReady, match="There is no VAT rate for “Reduced rate” on"):
            tax_on(TaxCode.REDUCED, today())

    def test_a_body_that_is_not_registered_charges_none(self):
        factories.supplier(vat_number="")

        assert tax_on(TaxCode.STANDARD, today()) == vat.NOT_REGISTERED
        assert tax_on(TaxCode.REDUCED, today()) == vat.NOT_REGISTERED

    def test_registration_holds_from_its_day(self):
        tomorrow = today() + timedelta(days=1)
        factories.supplier(valid_from=tomorrow, vat_number="")

        assert tax_on(TaxCode.STANDARD, today()).basis_points == 2000
        assert tax_on(TaxCode.STANDARD, tomorrow) == vat.NOT_REGISTERED

    def test_without_any_rate_the_registration_decides(self):
        TaxRate.objects.all().delete()
        with pytest.raises(NotReady):
            tax_on(TaxCode.STANDARD, today())
        SupplierDetails.objects.update(vat_number="")

        assert tax_on(TaxCode.STANDARD, today()) == vat.NOT_REGISTERED

    def test_without_supplier_details_nothing_is_known(self):
        SupplierDetails.objects.all().delete()

        with pytest.raises(NotReady, match=r"^There are no supplier details for"):
            tax_on(TaxCode.STANDARD, today())

    def test_a_page_of_prices_is_one_query(self, django_assert_num_queries):
        with django_assert_num_queries(1):
            taxes = vat.taxes_on(today())
            found = [taxes.tax(code).basis_points for code in (TaxCode.STANDARD, TaxCode.ZERO)]

        assert found == [2000, 0]
