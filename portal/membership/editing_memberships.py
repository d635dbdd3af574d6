"""The office enters and corrects a membership with its terms.

Rules:
- Terms of one membership never overlap; both days of a term are its own. The database refuses it
  too, whoever writes (migrations 0002 and 0007).
- A term without an end is for life, and so is its category.
- Terms change under the lock of their person, which an import takes as well; those of a membership
  that becomes another person's under the locks of both.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from itertools import pairwise
from operator import attrgetter

from django.db import transaction
from django.db.models import Q

from portal.core.dates import short_date
from portal.core.office.permitting import needs
from portal.core.rows.history import record
from portal.core.rows.locking import lock
from portal.membership.models import Membership, MembershipTerm
from portal.membership.numbers import free_number
from portal.membership.terms import DAY
from portal.people.models import Person


class TermsRefused(Exception):
    """The terms cannot stand together. Carries the sentence."""


class EndMissing(TermsRefused):
    """A term without an end, in a category that is not for life."""

    def __init__(self, term: MembershipTerm) -> None:
        super().__init__(
            f"Enter the end of the term from {short_date(term.start)}: “{term.category}” is not "
            "for life."
        )


class TermsOverlap(TermsRefused):
    """Two terms would have a day in common."""

    def __init__(self, first: MembershipTerm, second: MembershipTerm) -> None:
        ends = f"ends on {short_date(first.end)}" if first.end else "is for life"
        super().__init__(
            f"Two terms overlap: one {ends}, the next begins on {short_date(second.start)}. "
            "Let the next begin the day after."
        )


def check_terms(
    membership: Membership,
    *,
    written: Collection[MembershipTerm],
    removed: Collection[MembershipTerm] = (),
) -> None:
    """Look at the terms as they would be, those that are stored and not touched among them.

    In a transaction: who has the membership, and who is to have it, are locked until it ends.
    Raises TermsOverlap and EndMissing.
    """
    for term in written:
        if term.end is None and not term.category.is_for_life:
            raise EndMissing(term)
    holders = Membership.objects.filter(pk=membership.pk).values("person")
    lock(Person.objects.filter(Q(pk=membership.person_id) | Q(pk__in=holders)))
    touched = [term.pk for term in (*written, *removed) if term.pk]
    others = MembershipTerm.objects.filter(membership=membership.pk).exclude(pk__in=touched)
    terms = sorted([*others, *written], key=attrgetter("start"))
    for first, second in pairwise(terms):
        if first.end is None or second.start <= first.end:
            raise TermsOverlap(first, second)


@needs("membership.change_membership")
@transaction.atomic
def keep_membership(
    membership: Membership,
    *,
    written: Collection[MembershipTerm],
    removed: Collection[MembershipTerm] = (),
    fields: Collection[str] = (),
    actor: object,
    at: datetime,
) -> Membership:
    """Enter a membership, or keep what has been changed of it: `fields`, and terms.

    `written`: terms that are new or changed. Raises TermsOverlap, EndMissing and NumberTaken.
    """
    is_new = membership.pk is None
    check_terms(membership, written=written, removed=removed)
    if is_new or "number" in fields:
        membership.number = free_number(membership.number, of=membership)
    if is_new or fields:
        membership.save(update_fields=None if is_new else fields)
    MembershipTerm.objects.filter(pk__in=[term.pk for term in removed]).delete()
    _write(membership, written)
    record(
        "membership added" if is_new else "membership changed",
        membership,
        actor=actor,
        at=at,
        fields=list(fields),
        terms=[str(term) for term in membership.terms.select_related("category")],
    )
    return membership


def _write(membership: Membership, terms: Collection[MembershipTerm]) -> None:
    """Changed terms go out of each other's way first: two may change places."""
    aside = date.max
    for term in terms:
        if term.pk:
            MembershipTerm.objects.filter(pk=term.pk).update(start=aside, end=aside)
            aside -= DAY
    for term in terms:
        term.membership = membership
        term.save()
