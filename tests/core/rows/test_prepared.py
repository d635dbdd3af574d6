"""Queries whose SQL is kept: they give what the ORM gives, each time, on each database."""

from datetime import timedelta

import pytest
from django.db import models
from django.db.models import Count, DateField, DateTimeField
from django.utils import timezone

from portal.billing.models import Invoice
from portal.core.body.details import the_body
from portal.core.models import Body, BodyDetails
from portal.core.money import Money
from portal.core.rows.prepared import Prepared
from portal.events.models import Registration
from tests import factories
from tests.billing.raising import pay, raised
from tests.events.acts import order

pytestmark = pytest.mark.django_db

KEY = models.BigIntegerField()


def invoices(payer):
    return Invoice.objects.for_person(payer).annotate(n=Count("lines")).order_by("-sequence")


def cells(rows):
    names = [field.attname for field in Invoice._meta.concrete_fields]
    return [[getattr(row, name) for name in names] + [row.n] for row in rows]


def test_its_rows_are_those_of_the_orm_each_time(alice, bob, charlie):
    query = Prepared(invoices, payer=KEY)
    for payer in (alice, alice, bob):
        pay(raised(payer), "5")

    for payer, count in ((alice, 2), (bob, 1), (charlie, 0), (alice, 2)):
        rows = query.rows(payer=payer.pk)
        assert cells(rows) == cells(invoices(payer))
        assert len(rows) == count


def test_it_is_one_query_each_time_and_written_once(alice, django_assert_num_queries):
    asked = []

    def build(payer):
        asked.append(payer)
        return invoices(payer)

    query = Prepared(build, payer=KEY)
    raised(alice)

    with django_assert_num_queries(2):
        assert cells(query.rows(payer=alice.pk)) == cells(query.rows(payer=alice.pk))
    assert len(asked) == 1


def test_values_besides_those_given_stay(alice):
    first, second = raised(alice), raised(alice)
    query = Prepared(lambda payer: invoices(payer).filter(number=first.number), payer=KEY)

    for _ in range(2):
        assert [row.number for row in query.rows(payer=alice.pk)] == [first.number]
    assert second.number != first.number


def test_a_day_a_moment_and_a_text_are_compared_as_the_orm_compares_them(alice):
    invoice = raised(alice)
    query = Prepared(
        lambda on, at, number: Invoice.objects.filter(
            issued_on__lte=on, issued_at__lte=at, number=number
        ),
        on=DateField(),
        at=DateTimeField(),
        number=models.CharField(),
    )
    at, on, number = invoice.issued_at, invoice.issued_on, invoice.number
    moment, day = timedelta(microseconds=1), timedelta(days=1)

    for _ in range(2):
        assert query.first(on=on, at=at, number=number) == invoice
        assert query.first(on=on - day, at=at, number=number) is None
        assert query.first(on=on, at=at - moment, number=number) is None
        assert query.first(on=on, at=at, number=f"{number} ") is None


def test_what_is_not_there_equals_nothing(alice):
    query = Prepared(lambda payer: Invoice.objects.filter(account__person=payer), payer=KEY)
    raised(alice)

    assert (query.rows(payer=None), query.rows(payer=None)) == ([], [])
    assert len(query.rows(payer=alice.pk)) == 1


def test_related_objects_come_as_the_orm_gives_them(alice, bob, django_assert_num_queries):
    """Moments, amounts, JSON, decimals; and None where a row has none."""
    names = ["attendee", "event", "option", "invoice_line"]
    query = Prepared(
        lambda person: Registration.objects.filter(attendee=person).order_by("pk"),
        related=names,
        person=KEY,
    )
    paid = factories.option(factories.event(cpd_points="6.50"))
    free = factories.option(factories.event(code="free"), price=Money(0))
    order(paid, by=alice)
    order(free, by=alice)

    for _ in range(2):
        with django_assert_num_queries(1):
            rows = query.rows(person=alice.pk)
            found = [[getattr(row, name) for name in names] for row in rows]
        saved = Registration.objects.filter(attendee=alice).select_related(*names).order_by("pk")
        for row, theirs in zip(saved, found, strict=True):
            for name, its in zip(names, theirs, strict=True):
                of_orm = getattr(row, name)
                assert its == of_orm
                for field in of_orm._meta.concrete_fields if of_orm else []:
                    value, other = getattr(its, field.attname), getattr(of_orm, field.attname)
                    assert (type(value), value) == (type(other), other)
        assert [its[-1] is None for its in found] == [False, True]
    assert query.rows(person=bob.pk) == []


def test_the_body_comes_with_its_switches_as_they_are_saved(django_assert_num_queries):
    details = the_body()
    Body.objects.update(staff_second_step=False, legacy_invoices_note="Ask for older ones.")

    for _ in range(2):
        with django_assert_num_queries(1):
            found = the_body(timezone.localdate())
            its = found.body
        saved = Body.objects.get()
        names = [field.attname for field in Body._meta.concrete_fields]
        assert [getattr(its, name) for name in names] == [getattr(saved, name) for name in names]
    assert found == BodyDetails.objects.get(pk=details.pk)
