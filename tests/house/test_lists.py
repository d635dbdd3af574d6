"""No list of the office tells what is not on its page: every list is asked by every column.

Whoever can filter by a hash, and sees how many rows are found, reads it letter by letter.
"""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.messages.storage.base import BaseStorage
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import User
from portal.core.mail.outbox import queue_mail
from portal.core.models import OutgoingMail
from portal.core.office.confidential import CONFIDENTIAL, confidential, leads_to_confidential
from portal.core.office.pages import OfficePage, ReadOnlyRows
from portal.core.office.site import OfficeSite
from portal.core.rows.history import record
from portal.people.inviting import invite
from portal.people.models import Invitation, Person
from tests import factories

pytestmark = pytest.mark.long

PAGES = list(admin.site._registry.values())
WHOLE = "This list has no such filter, so this is the whole list."
LOOKUPS = {
    "": "a",
    "exact": "a",
    "startswith": "p",
    "iregex": "^p",
    "gt": "a",
    "in": "a,b",
    "isnull": "0",
    "date": "2026-03-01",
    "year__gte": "2020",
    "length": "3",
}
# Columns whose names sound like a secret's, and that the office may read.
SOUNDS_ONLY = {
    "accounts.User": {"sessions_ended_at", "sessions_ended_why"},
    "auth.Permission": {"codename"},
    "billing.CreditNoteLine": {"tax_code"},
    "billing.InvoiceLine": {"tax_code"},
    "billing.InvoiceSeries": {"code"},
    "billing.SupplierDetails": {"sort_code"},
    "billing.TaxRate": {"code"},
    "core.Document": {"data"},
    "core.OutgoingMail": {"is_secret"},
    "events.Event": {"code"},
    "events.EventTax": {"tax_code"},
    "events.Hold": {"session_keys"},
    "events.Registration": {"calendar_uid"},
    "membership.ImportedPerson": {"key"},  # of a row in a file of the office's
    "membership.UsernameRequest": {"postcode"},
    "people.Address": {"postcode", "compared_postcode"},
}
SECRET_SOUND = re.compile(
    "password|token|secret|hash|seal|key|code|session|html|text|data|calendar|totp|recovery"
)


def columns(model, steps):
    """Every column of a model and, so many relations away (either way), of others."""
    for field in model._meta.get_fields(include_hidden=True):
        yield field.name
        if getattr(field, "attname", field.name) != field.name:
            yield field.attname
        if steps and field.is_relation and field.related_model:
            yield from (f"{field.name}__{more}" for more in columns(field.related_model, steps - 1))


def questions(model):
    """Each column with each lookup; those of rows two relations away with one of two in turn."""
    for number, path in enumerate(columns(model, 2)):
        is_far = path.count("__") > 1
        for lookup in (("", "startswith")[number % 2],) if is_far else LOOKUPS:
            yield f"{path}__{lookup}" if lookup else path, LOOKUPS[lookup]


class Said(BaseStorage):
    """The messages of a request, kept in it."""

    def _get(self, *args, **kwargs):
        return [], True

    def _store(self, messages, *args, **kwargs):
        return []


def ask(page, user, query):
    """The page's answer, without the middleware around it."""
    request = RequestFactory().get("/list/", query)
    request.user = user
    request._messages = Said(request)
    answer = page.changelist_view(request)
    return answer, [message.message for message in request._messages._queued_messages]


def takes(page, user):
    """The parameters that the filters of a page say they take, and the days."""
    request = RequestFactory().get("/list/")
    request.user = user
    found = page.get_changelist_instance(request)
    named = {name for spec in found.filter_specs for name in spec.expected_parameters()}
    days = {f"{page.date_hierarchy}__{part}" for part in ("year", "month", "day")}
    return named | (days if page.date_hierarchy else set())


@pytest.fixture
def root(sam):
    """Who may do all that Django knows."""
    User.objects.filter(pk=sam.user_id).update(is_superuser=True)
    return User.objects.get(pk=sam.user_id)


@pytest.mark.house  # what is refused is refused before the database is asked
@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.model.__name__)
def test_a_list_answers_to_no_column_but_those_of_its_filters(page, root):
    """What is refused is answered alike and without a query: no guess can be told from another."""
    factories.lists()
    taken = takes(page, root)
    asked, told = 0, []
    with CaptureQueriesContext(connection) as queries:
        for name, value in questions(page.model):
            if name in taken:
                assert not leads_to_confidential(page.model, name)
                continue
            asked += 1
            answer, said = ask(page, root, {name: value})
            if (answer.status_code, answer.get("Location"), said) != (302, "/list/", [WHOLE]):
                told.append(name)

    assert told == []
    assert asked > 10
    # A filter's own choices may be looked up; no row of the list, nor how many.
    table = f'FROM "{page.model._meta.db_table}" '
    assert [query["sql"] for query in queries if "COUNT(" in query["sql"]] == []
    assert page.list_filter or [q["sql"] for q in queries if table in q["sql"]] == []


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.model.__name__)
def test_a_list_still_answers_to_its_own_filters_columns_and_search(page, root, client_of, sam):
    office = client_of(sam)
    url = reverse(f"admin:{page.model._meta.app_label}_{page.model._meta.model_name}_changelist")
    listed = office.get(url).context["cl"]
    links = [
        choice["query_string"]
        for spec in listed.filter_specs
        for choice in spec.choices(listed)
        if choice["query_string"] != "?"
    ]
    links += [f"?o={number}" for number in range(1, len(listed.list_display) + 1)]
    links += ["?q=alice", "?_facets=True", "?all=", "?p=1", "?_popup=1", "?e=1"]

    assert {link: office.get(f"{url}{link}").status_code for link in links} == dict.fromkeys(
        links, 200
    )


@pytest.mark.django_db
def test_a_hash_is_read_from_no_list(root, client_of, alice, sam):
    """As it was read: the right guess and the wrong one have the same answer, byte by byte."""
    letters = root.password[:12]
    office = client_of(sam)
    code = queue_mail(
        "account/emails/login_code",
        to=alice.email,
        subject="Your code",
        context={"code": "QX7KEY"},
        written_at=timezone.now(),
        is_secret=True,
    )
    for url, right, wrong in (
        ("accounts/user", f"password__startswith={letters}", "password__startswith=x"),
        ("accounts/user", "password__regex=.", "password__regex=^$"),
        ("people/person", f"user__password__startswith={letters}", "user__password__startswith=x"),
        (
            "organisations/affiliation",
            f"person__user__password__startswith={letters}",
            "person__user__password__startswith=x",
        ),
        ("people/invitation", "token_hash__gt=0", "token_hash__gt=zzz"),
        ("core/outgoingmail", "text__contains=QX7KEY", "text__contains=no"),
        ("core/outgoingmail", f"sealed__startswith={code.sealed[:9]}", "sealed__startswith=no"),
        ("core/outgoingmail", "kind=login_code&html__regex=.", "kind=login_code&html__regex=no"),
    ):
        pages = [
            office.get(f"/office/{url}/?{guess}", follow=True).content for guess in (right, wrong)
        ]
        pages = [re.sub(rb'value="[\w-]{64}"', b"", page) for page in pages]
        assert WHOLE.encode() in pages[0]
        assert pages[0] == pages[1], url


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["password", "email", "is_staff", "id__startswith", "nothing"])
def test_a_row_is_named_by_its_key_alone(root, client_of, sam, name):
    office = client_of(sam)

    for query in (f"_to_field={name}", f"_popup=1&_to_field={name}"):
        listed = office.get(f"/office/accounts/user/?{query}")
        assert (listed.status_code, listed.url) == (302, "/office/accounts/user/")
        assert office.get(f"/office/people/person/add/?{query}").status_code == 400
        answer = office.get(f"/office/accounts/user/{root.password}/change/?_to_field={name}")
        assert answer.status_code == 400


@pytest.mark.django_db
def test_a_picker_finds_by_what_its_list_is_searched_by_and_for_its_own_field(root, client_of, sam):
    office = client_of(sam)
    url = reverse("admin:autocomplete")
    ours = {"app_label": "organisations", "model_name": "affiliation", "field_name": "person"}

    assert office.get(url, {**ours, "term": "sam"}).json()["results"] == [
        {"id": str(sam.pk), "text": str(sam)}
    ]
    for term in (root.password[:20], "\0", "x" * 5000, "x " * 3000):
        assert office.get(url, {**ours, "term": term}).json()["results"] == [], term[:20]
    for others in (
        {"app_label": "admin", "model_name": "logentry", "field_name": "user"},
        {"app_label": "people", "model_name": "invitation", "field_name": "person"},
        {"app_label": "accounts", "model_name": "user", "field_name": "person"},
        {"app_label": "accounts", "model_name": "user", "field_name": "\0"},
    ):
        assert office.get(url, {**others, "term": ""}).status_code == 403, others
    for page in ("x", "0", "-1", "9" * 30):
        assert office.get(url, {**ours, "term": "", "page": page}).status_code in {403, 404}


@pytest.mark.django_db
def test_no_address_of_the_office_leads_to_any_row_of_any_table(root, client_of, sam):
    from django.contrib.contenttypes.models import ContentType

    office = client_of(sam)
    kind = ContentType.objects.get_for_model(Session).pk

    assert office.get(f"/office/r/{kind}/{office.session.session_key}/").status_code == 404


# --- What is registered ----------------------------------------------------------------------
def test_every_page_of_the_office_is_made_for_it():
    assert (
        type(admin.site._wrapped if hasattr(admin.site, "_wrapped") else admin.site) is OfficeSite
    )
    assert len(PAGES) > 20
    assert [page for page in PAGES if not isinstance(page, OfficePage)] == []
    assert Group not in admin.site._registry
    assert EmailAddress not in admin.site._registry
    assert Authenticator not in admin.site._registry


@pytest.mark.parametrize(
    ("model", "page"),
    [
        (Group, None),
        (Group, admin.ModelAdmin),
        (User, type("P", (admin.ModelAdmin,), {})),
        (User, type("P", (OfficePage,), {"list_display": ["email", "password"]})),
        (User, type("P", (OfficePage,), {"search_fields": ["=password"]})),
        (User, type("P", (OfficePage,), {"ordering": ["-password"]})),
        (User, type("P", (OfficePage,), {"fields": [("email", "password")]})),
        (User, type("P", (OfficePage,), {"readonly_fields": ["password"]})),
        (Person, type("P", (OfficePage,), {"list_filter": ["user__password"]})),
        (Person, type("P", (OfficePage,), {"search_fields": ["^user__password__startswith"]})),
        (Person, type("P", (OfficePage,), {"list_display": ["invitations__token_hash"]})),
        (
            OutgoingMail,
            type("P", (OfficePage,), {"fieldsets": [(None, {"fields": ["to", "text"]})]}),
        ),
        (
            User,
            type(
                "P",
                (OfficePage,),
                {
                    "list_display": ["known"],
                    "known": admin.display(ordering="-password")(lambda self, user: "yes"),
                },
            ),
        ),
        (
            Person,
            type(
                "P",
                (OfficePage,),
                {
                    "inlines": [
                        type("R", (ReadOnlyRows,), {"model": Invitation, "fields": ["token_hash"]})
                    ]
                },
            ),
        ),
    ],
)
def test_a_page_that_could_tell_a_secret_cannot_be_registered(model, page):
    with pytest.raises(ImproperlyConfigured):
        OfficeSite().register(model, page)


def test_what_is_confidential_is_there_and_what_sounds_so_is_looked_at():
    for label, names in CONFIDENTIAL.items():
        assert names <= {field.name for field in apps.get_model(label)._meta.concrete_fields}, label
    sounds = {
        model._meta.label: found
        for model in apps.get_models()
        if model._meta.app_label != "procrastinate"
        and (
            found := {
                field.name
                for field in model._meta.concrete_fields
                if SECRET_SOUND.search(field.name)
                and field.name not in {*confidential(model), "id"}
                and not field.is_relation
            }
        )
    }

    assert sounds == SOUNDS_ONLY


# --- What is shown ---------------------------------------------------------------------------
MARK = "qzx7secret7xzq"


@pytest.fixture
def marked(alice, bob, root):
    """Rows on every page of the office, with a mark in each confidential column."""
    factories.lists()
    factories.order(alice, factories.option(factories.event()))
    invite(
        Person.objects.filter(pk=factories.person("Ina", "New", has_account=False).pk),
        actor="test",
        at=timezone.now(),
    )
    record("mail sent again", OutgoingMail.objects.first(), actor=root, at=timezone.now())
    for label, names in CONFIDENTIAL.items():
        model = apps.get_model(label)
        if model is not Session and label.split(".")[0] in {"accounts", "core", "people"}:
            for row in model.objects.exclude(pk=root.pk if model is User else None):
                size = min([model._meta.get_field(n).max_length or 64 for n in names])
                mark = f"{MARK}{row.pk}"[:size]
                model.objects.filter(pk=row.pk).update(**dict.fromkeys(names, mark))


def addresses(page):
    """Each kind of page of some of its rows."""
    label = f"admin:{page.model._meta.app_label}_{page.model._meta.model_name}"
    yield reverse(f"{label}_changelist")
    for key in page.model.objects.order_by("-pk").values_list("pk", flat=True)[:2]:
        for kind in ("change", "history", "delete"):
            yield reverse(f"{label}_{kind}", args=[key])


@pytest.mark.django_db
def test_no_page_shows_a_secret_to_anybody(marked, client_of, sam):
    office = client_of(sam)
    urls = [url for page in PAGES for url in addresses(page)]
    seen = {url: office.get(url) for url in [*urls, reverse("admin:index")]}

    assert [url for url, answer in seen.items() if MARK in answer.text] == []
    answered = [url for url, answer in seen.items() if answer.status_code == 200]
    assert len(answered) > 3 * len(PAGES) - 10


@pytest.mark.django_db
def test_the_page_of_a_mail_says_why_its_words_are_not_there(marked, client_of, sam):
    office = client_of(sam)
    for is_secret, sentence in (
        (
            True,
            "They hold a link or code that is for the person alone, so they are not shown here.",
        ),
        (False, "They are for the person alone, so they are not shown here."),
    ):
        mail = OutgoingMail.objects.filter(is_secret=is_secret).latest("pk")
        page = office.get(f"/office/core/outgoingmail/{mail.pk}/change/").text
        assert sentence in page
        assert mail.subject in page
    ordered = OutgoingMail.objects.exclude(documents=None).first()
    page = office.get(f"/office/core/outgoingmail/{ordered.pk}/change/").text
    assert ordered.documents.get().filename in page
