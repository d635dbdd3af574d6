"""What the body knows of a person, as About me shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.membership.models import Qualification
from portal.membership.standing import Standing, standing
from portal.organisations.affiliations import current_affiliation
from portal.organisations.models import Affiliation
from portal.people.models import Address, Person, Phone


@dataclass(frozen=True)
class Details:
    person: Person
    phones: dict[str, Phone]
    addresses: list[Address]
    standing: Standing
    certmap: Qualification | None
    affiliation: Affiliation | None

    @property
    def address_cards(self) -> list[dict[str, object]]:
        return [{"text": "\n".join(a.lines), "uses": a.uses} for a in self.addresses]

    @property
    def phone(self) -> Phone | None:
        return self.phones.get(Phone.Kind.PHONE)

    @property
    def mobile(self) -> Phone | None:
        return self.phones.get(Phone.Kind.MOBILE)


def details(person: Person, on: date) -> Details:
    """The person's own details on a London day: six queries at most."""
    qualifications = Qualification.objects.filter(person=person, name=Qualification.CERTMAP)
    return Details(
        person=person,
        phones={phone.kind: phone for phone in person.phones.all()},
        addresses=list(person.addresses.order_by("-is_mailing", "-is_billing", "pk")),
        standing=standing(person, on),
        certmap=qualifications.first(),
        affiliation=current_affiliation(person, on),
    )
