"""What tests are made of: plain functions that give rows, and the named cast.

    alice    a member: Accredited, with CertMAP, verified at Fern Advice
    bob      her colleague: Associate, verified there too
    charlie  a customer: no membership, no organisation
    sam      works in the office

Each row is the least that is right; what a test is about, it says itself.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from portal.accounts.models import User
from portal.billing.models import InvoiceSeries, SupplierDetails, TaxCode, TaxRate
from portal.core.dates import today
from portal.core.models import Body, BodyDetails
from portal.core.money import Money
from portal.events.booking import submit_order
from portal.events.holding_places import hold_place
from portal.events.models import (
    Audience,
    Basket,
    BookingRules,
    Event,
    EventTax,
    Kind,
    Order,
    Pool,
    RegistrationOption,
)
from portal.events.order_review import review
from portal.events.scheduling import set_sessions
from portal.membership.models import (
    Membership,
    MembershipCategory,
    MembershipRules,
    MembershipTerm,
    Qualification,
)
from portal.organisations.models import Affiliation, Organisation, OrganisationType, RoleType
from portal.people.models import Address, Person

BEGINNING = date(2020, 1, 1)
PASSWORD = "a-long-test-password"
TERMS = "Cancelling is free up to 28 days before the event."
DECLARATION = "I give free debt advice and have read who is eligible for a funded place."


# --- The body and its rules ------------------------------------------------------------------
def body(**details: Any) -> BodyDetails:
    """The body's details in force: those there are, or new ones. Its second step is off."""
    found = BodyDetails.objects.select_related("body").first()
    if found and not details:
        return found
    the_one, _ = Body.objects.get_or_create(pk=1, defaults={"staff_second_step": False})
    return BodyDetails.objects.create(
        **{
            "body": the_one,
            "valid_from": today() if found else BEGINNING,
            "name": "Institute of Testing",
            "short_name": "IT",
            "legal_name": "Institute of Testing Limited",
            "company_number": "01234567",
            "registered_office": "1 Test Street\nLeeds\nLS1 4AP",
            "office_email": "office@example.org",
            "office_phone": "0113 496 0677",
            **details,
        }
    )


def rules() -> None:
    """All that the office enters before the first order: bank, taxes, series, booking rules."""
    supplier()
    for code, basis_points, reason in (
        (TaxCode.STANDARD, 2000, ""),
        (TaxCode.EXEMPT, 0, "Exempt: VAT Act 1994, Schedule 9, Group 9"),
    ):
        TaxRate.objects.get_or_create(
            code=code,
            valid_from=BEGINNING,
            defaults={"basis_points": basis_points, "reason": reason},
        )
    InvoiceSeries.objects.get_or_create(code="invoice")
    for kind in Kind:
        EventTax.objects.get_or_create(
            kind=kind, valid_from=BEGINNING, defaults={"tax_code": TaxCode.STANDARD}
        )
    MembershipRules.objects.get_or_create(valid_from=BEGINNING, defaults={"grace_days": 30})
    BookingRules.objects.get_or_create(
        valid_from=BEGINNING, defaults={"funded_declaration": DECLARATION, "terms": TERMS}
    )


def lists() -> None:
    """What the office chooses from: categories, organisation types, role types."""
    for name in ("Accredited", "Associate"):
        category(name)
    OrganisationType.objects.get_or_create(name="Citizens Advice")
    RoleType.objects.get_or_create(name="Money adviser / caseworker")


def supplier(**details: Any) -> SupplierDetails:
    """The bank and the VAT number in force; new ones from today where details are given."""
    found = SupplierDetails.objects.first()
    if found and not details:
        return found
    return SupplierDetails.objects.create(
        **{
            "valid_from": today() if found else BEGINNING,
            "vat_number": "GB 123 4567 82",
            "bank_name": "Test Bank",
            "account_name": "Institute of Testing",
            "sort_code": "12-34-56",
            "account_number": "12345678",
            "cheque_payable_to": "Institute of Testing",
            "cheque_address": "1 Test Street\nLeeds\nLS1 4AP",
            **details,
        }
    )


# --- People ----------------------------------------------------------------------------------
def person(
    first_name: str = "Pat",
    last_name: str = "Person",
    *,
    email: str | None = None,
    has_account: bool = True,
    is_staff: bool = False,
    **details: Any,
) -> Person:
    """A person with an address, and an account of the verified email unless told otherwise."""
    email = f"{first_name}.{last_name}@example.org".lower() if email is None else email
    made = Person.objects.create(
        first_name=first_name,
        last_name=last_name,
        email=email,
        user=account(email, is_staff=is_staff) if has_account else None,
        **details,
    )
    Address.objects.create(
        person=made,
        line_1="1 Test Street",
        town="Leeds",
        postcode="LS1 4AP",
        is_mailing=True,
        is_shipping=True,
        is_billing=True,
    )
    return made


def account(email: str, *, is_staff: bool = False) -> User:
    """An account with PASSWORD. Staff have the rights of the office, and no more."""
    user = User.objects.create_user(email, PASSWORD, is_staff=is_staff)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def category(name: str = "Accredited", *, post_nominals: str = "") -> MembershipCategory:
    return MembershipCategory.objects.get_or_create(
        name=name, defaults={"post_nominals": post_nominals}
    )[0]


def membership(
    of: Person,
    *,
    category_name: str = "Accredited",
    number: str | None = None,
    start: date | None = None,
    end: date | None = None,
) -> Membership:
    """A membership with one term: the year that began 100 days ago, unless told otherwise."""
    start = start or today() - timedelta(days=100)
    made = Membership.objects.create(
        person=of, number=number or str(1000 + of.pk), member_since=start
    )
    MembershipTerm.objects.create(
        membership=made,
        category=category(category_name),
        start=start,
        end=end or start + timedelta(days=364),
    )
    return made


def organisation(name: str = "Fern Advice", *, type_name: str = "Citizens Advice") -> Organisation:
    """The organisation of this name."""
    found = Organisation.objects.filter(name=name).first()
    if found:
        return found
    kind, _ = OrganisationType.objects.get_or_create(name=type_name)
    return Organisation.objects.create(name=name, type=kind)


def affiliation(of: Person, at: Organisation, *, is_verified: bool = True) -> Affiliation:
    """The person works there, since 2020, as a money adviser."""
    role, _ = RoleType.objects.get_or_create(name="Money adviser / caseworker")
    return Affiliation.objects.create(
        person=of,
        organisation=at,
        role_type=role,
        start=BEGINNING,
        verified_at=timezone.now() if is_verified else None,
        verified_by="sam" if is_verified else "",
    )


def alice() -> Person:
    made = person("Alice", "Archer", email="alice@example.org", title="Ms")
    membership(made, category_name="Accredited", number="100")
    Qualification.objects.create(
        person=made, name=Qualification.CERTMAP, awarded_on=date(2021, 6, 1)
    )
    affiliation(made, organisation())
    return made


def bob() -> Person:
    made = person("Bob", "Brook", email="bob@example.org", title="Mr")
    membership(made, category_name="Associate", number="101")
    affiliation(made, organisation())
    return made


def charlie() -> Person:
    return person("Charlie", "Carr", email="charlie@example.org")


def sam() -> Person:
    return person("Sam", "Stone", email="sam@example.org", is_staff=True)


def client_of(who: Person) -> Client:
    """A browser in which this person is signed in, to their account as it is now."""
    if who.user is None:
        raise ValueError(f"{who} has no account to sign in with")
    client = Client()
    client.force_login(User.objects.get(pk=who.user_id))
    return client


def administrator() -> Person:
    """Ada, who gives and takes the office's rights; the cast's sam does not."""
    made = person("Ada", "Admin", email="ada@example.org", is_staff=True)
    User.objects.filter(pk=made.user_id).update(is_superuser=True)
    made.user.refresh_from_db()
    return made


def proven_client_of(who: Person) -> Client:
    """A browser in which this person has just entered their password."""
    client = client_of(who)
    client.post("/sign-in/again/", {"password": PASSWORD})
    return client


# --- Events ----------------------------------------------------------------------------------
def event(
    code: str = "debt-relief-orders",
    *,
    title: str = "Debt relief orders",
    kind: str = Kind.TRAINING,
    starts: datetime | None = None,
    hours: float = 6,
    **details: Any,
) -> Event:
    """A training course in Leeds, 60 days from now, without options: see `option`."""
    starts = starts or timezone.now() + timedelta(days=60)
    made = Event.objects.create(
        **{
            "code": code,
            "title": title,
            "kind": kind,
            "starts": starts,
            "ends": starts + timedelta(hours=hours),
            "place": "Leeds",
            "overview": "What an order does, and **who** may have one.",
            **details,
        }
    )
    set_sessions(made, [])
    return made


def option(
    of: Event,
    name: str = "Place",
    *,
    price: Money = Money(6000),  # noqa: B008 - immutable
    audience: str = Audience.ANYONE,
    places: int | None = None,
    position: int = 0,
    pool: Pool | None = None,
) -> RegistrationOption:
    """A way to take part: £60 before VAT, for anyone, without limit, unless told otherwise."""
    return RegistrationOption.objects.create(
        event=of,
        name=name,
        price=price,
        audience=audience,
        places=places,
        position=position,
        pool=pool,
    )


def hold(who: Person, of: RegistrationOption, *, at: datetime | None = None) -> Basket:
    """A place held for who orders it themselves; the basket it is in."""
    return hold_place(
        of.event,
        option=of,
        attendee=who,
        booked_by=who,
        agreed_terms=TERMS,
        declaration=DECLARATION if of.is_funded else "",
        at=at or timezone.now(),
    )


def order(who: Person, *of: RegistrationOption, at: datetime | None = None) -> Order:
    """An order of one place in each option, for who orders it."""
    at = at or timezone.now()
    for one in of:
        basket = hold(who, one, at=at)
    reviewed = review(basket, at=at).fingerprint
    return submit_order(basket, actor=who, purchase_order="", reviewed=reviewed, at=at)
