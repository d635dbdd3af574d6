"""What the office enters before anything is billed: supplier, bank, VAT, the series of numbers."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models

from portal.core.dates import short_date
from portal.core.money import ZERO, Money
from portal.core.rows.dated import DatedQuerySet, DatedRow


class SupplierDetails(DatedRow):
    """Where money is to be sent, and the body's standing for VAT, from a day on."""

    vat_number = models.CharField(
        "VAT number",
        max_length=20,
        blank=True,
        help_text="Leave it empty if the body is not registered for VAT.",
    )
    bank_name = models.CharField(max_length=80)
    account_name = models.CharField(max_length=80)
    sort_code = models.CharField(
        max_length=8,
        validators=[RegexValidator(r"^\d{2}-\d{2}-\d{2}$", "Write the sort code as 12-34-56.")],
        help_text="12-34-56",
    )
    account_number = models.CharField(
        max_length=12,
        validators=[RegexValidator(r"^\d{6,12}$", "Write the account number in digits only.")],
    )
    iban = models.CharField("IBAN", max_length=34, blank=True)
    cheque_payable_to = models.CharField("cheques payable to", max_length=120)
    cheque_address = models.TextField(
        "address for cheques", help_text="Put each line of the address on its own line."
    )
    payment_days = models.PositiveSmallIntegerField(
        default=30,
        validators=[MaxValueValidator(365, "Give at most a year: 365 days.")],
        help_text="Days from the invoice’s date until it is due.",
    )

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "supplier details"
        constraints = [
            models.UniqueConstraint(fields=["valid_from"], name="one_supplier_details_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.account_name}, from {short_date(self.valid_from)}"


class TaxCode(models.TextChoices):
    """How a thing is taxed: the letters of EN 16931 (UNCL5305)."""

    STANDARD = "S", "Standard rate"
    REDUCED = "AA", "Reduced rate"
    ZERO = "Z", "Zero rate"
    EXEMPT = "E", "Exempt"
    OUTSIDE = "O", "Outside the scope of VAT"


TAXED = (TaxCode.STANDARD, TaxCode.REDUCED)
UNTAXED = (TaxCode.ZERO, TaxCode.EXEMPT, TaxCode.OUTSIDE)
WHOLE = 10_000  # basis points


@dataclass(frozen=True, slots=True)
class Tax:
    """How one amount is taxed. The rate in hundredths of a percent; the reason where it is none."""

    code: str
    basis_points: int = 0
    reason: str = ""

    @property
    def rate(self) -> str:
        """“20%”, “17.5%”; “Exempt” and the like where no rate is meant."""
        if self.code in {TaxCode.EXEMPT, TaxCode.OUTSIDE}:
            return "Exempt" if self.code == TaxCode.EXEMPT else "No VAT"
        return f"{in_percent(self.basis_points)}%"

    @property
    def label(self) -> str:
        """“VAT at 20%”, “Exempt”."""
        return f"VAT at {self.rate}" if self.rate.endswith("%") else self.rate

    def of(self, net: Money) -> Money:
        """The VAT on an amount, to the nearest penny; none where the code has none."""
        return ZERO if self.code in UNTAXED else net.share(self.basis_points)


def in_percent(basis_points: int) -> str:
    """“20”, “17.5”: hundredths of a percent as people write a percentage."""
    whole, hundredths = divmod(basis_points, 100)
    return f"{whole}.{hundredths:02d}".rstrip("0").rstrip(".")


class TaxRate(DatedRow):
    """The rate of a tax code from a day on."""

    about = ("code",)

    code = models.CharField(max_length=2, choices=TaxCode)
    basis_points = models.PositiveSmallIntegerField(
        "rate", help_text="In hundredths of a percent: 2000 is 20%."
    )
    reason = models.CharField(
        max_length=160,
        blank=True,
        help_text="Why no VAT is charged, as printed on the invoice.",
    )

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="one_rate_a_day"),
            models.CheckConstraint(
                condition=models.Q(code__in=UNTAXED, basis_points=0)
                | models.Q(code__in=TAXED, basis_points__gte=1, basis_points__lte=WHOLE),
                name="rate_fits_its_code",
                violation_error_message=(
                    "This rate does not fit its code: enter 0 where no VAT is charged."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_code_display()}, from {short_date(self.valid_from)}"

    def clean(self) -> None:
        """Raises ValidationError for a rate that its code cannot have (VAT Act 1994, s. 2, 29A)."""
        super().clean()
        if self.basis_points is None or not self.code:
            return
        name = TaxCode(self.code).label
        if self.code in UNTAXED and self.basis_points:
            raise ValidationError(
                {"basis_points": f"“{name}” has no VAT. Enter 0, or choose another code."}
            )
        if self.code in TAXED and not 1 <= self.basis_points <= WHOLE:
            raise ValidationError(
                {"basis_points": f"“{name}” needs a rate above 0 and up to 100, such as 20."}
            )


class InvoiceSeries(models.Model):
    """A run of numbers without gaps. Its row is locked while a number is taken."""

    code = models.CharField(max_length=20, unique=True, default="invoice")
    prefix = models.CharField(
        max_length=6,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]+-?$", "Use capital letters, such as INV or INV-.")],
        help_text="Comes before each number in the series, such as INV-. It may be empty.",
    )
    next_number = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "invoice series"

    def __str__(self) -> str:
        return self.code

    def number(self, sequence: int) -> str:
        """What the invoice of this place in the series is called: 000123, INV-000123."""
        return f"{self.prefix}{sequence:06d}"
