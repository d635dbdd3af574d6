"""The demo institute itself: the rows that the staff of a real body enter once."""

from __future__ import annotations

from datetime import date

from portal.billing.models import InvoiceSeries, SupplierDetails, TaxCode, TaxRate
from portal.core.models import Body, BodyDetails
from portal.events.models import BookingRules, EventTax, Kind
from portal.membership.models import MembershipCategory, MembershipRules
from portal.organisations.models import OrganisationType, RoleType

BEGINNING = date(2022, 7, 20)

CATEGORIES = [
    ("Accredited", "MIMA (Cert)"),
    ("Associate", ""),
    ("Affiliate", ""),
    ("Trainee", ""),
    ("Non-practising / Retired", ""),
    ("Fellow", ""),
    ("Honorary Fellow", ""),
]
ROLE_TYPES = [
    "Money adviser / caseworker",
    "Specialist or court adviser",
    "Trainee adviser",
    "Supervisor or manager",
    "Initial contact / support",
    "Policy or training",
    "Creditor or utility staff",
    "Retired",
    "Other",
]
ORGANISATION_TYPES = [
    "Citizens Advice",
    "Local authority",
    "Housing association",
    "Law centre",
    "Independent advice agency",
    "National debt charity",
    "Church or community money advice",
    "Credit union",
    "University or student union",
    "NHS or hospice",
    "Armed Forces charity",
    "Creditor / utility / fee-charging",
    "Self-employed",
    "None",
]
ADDRESS = "First Floor, Fern House\n12 Demonstration Row\nLeeds\nLS1 4AP"
DECLARATION = (
    "I give debt advice in England for a free-to-client service, and I have read who is eligible "
    "for a funded place. I understand that the price of a member’s place is due if I am not."
)
TERMS = """\
- **Cancelling:** free up to 28 days before the event; half of the price up to 14 days before;
  the full price after that.
- **Sending a colleague instead** is free: tell the office 48 hours before the event.
- **Not coming** without telling the office costs £25, even for a free or funded place.
- If we cancel the event, you get all of your money back.
"""


def found_the_institute() -> None:
    """Enter the body, its bank, its taxes, its rules and its lists."""
    body, _ = Body.objects.update_or_create(
        pk=1,
        defaults={
            "is_demo": True,
            "staff_second_step": False,
            "legacy_invoices_note": "Invoices from before 20 July 2022 do not appear here. "
            "If you need a copy of one, write to office@example.org.",
        },
    )
    BodyDetails.objects.create(
        body=body,
        valid_from=BEGINNING,
        name="Demo Institute of Money Advisers",
        short_name="DIMA",
        legal_name="Demo Institute of Money Advisers Limited",
        company_number="00000000",
        charity_number="0000000",
        registered_office=ADDRESS,
        office_email="office@example.org",
        office_phone="0113 496 0677",
        website="https://www.example.org",
        sign_in_note="This sign-in is separate from the Members’ Zone: your Members’ Zone login "
        "does not work here.",
    )
    _money()
    _rules()
    _lists()


def _money() -> None:
    SupplierDetails.objects.create(
        valid_from=BEGINNING,
        vat_number="GB 999 9999 73",
        bank_name="Demonstration Bank",
        account_name="Demo Institute of Money Advisers",
        sort_code="00-00-00",
        account_number="00000000",
        cheque_payable_to="Demo Institute of Money Advisers",
        cheque_address=ADDRESS,
        payment_days=30,
    )
    TaxRate.objects.create(code=TaxCode.STANDARD, valid_from=BEGINNING, basis_points=2000)
    TaxRate.objects.create(
        code=TaxCode.EXEMPT,
        valid_from=BEGINNING,
        basis_points=0,
        reason="Exempt: subscription to a professional body (VAT Act 1994, Schedule 9, Group 9)",
    )
    InvoiceSeries.objects.get_or_create(code="invoice")
    for kind in Kind:
        EventTax.objects.create(kind=kind, valid_from=BEGINNING, tax_code=TaxCode.STANDARD)


def _rules() -> None:
    MembershipRules.objects.create(valid_from=BEGINNING, grace_days=30)
    BookingRules.objects.create(valid_from=BEGINNING, funded_declaration=DECLARATION, terms=TERMS)


def _lists() -> None:
    for position, (name, post_nominals) in enumerate(CATEGORIES, start=1):
        MembershipCategory.objects.create(name=name, post_nominals=post_nominals, position=position)
    for position, name in enumerate(ROLE_TYPES, start=1):
        RoleType.objects.create(name=name, position=position)
    for position, name in enumerate(ORGANISATION_TYPES, start=1):
        OrganisationType.objects.create(name=name, position=position)
