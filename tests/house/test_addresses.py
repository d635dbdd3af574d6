"""Every address against every role: who sees what, and that looking changes nothing.

A new address fails here until its row is in the table: the statuses that a GET gives to a visitor,
to charlie (a stranger), to alice (whose rows these are) and to sam (of the staff).
"""

import logging

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

# Also on PostgreSQL: there this is where each page asks the database.
pytestmark = pytest.mark.django_db

ROLES = ("visitor", "charlie", "alice", "sam")
PUBLIC = (200, 200, 200, 200)
SIGNED_IN = (302, 200, 200, 200)
SIGNED_OUT = (200, 302, 302, 302)
# Leads elsewhere unless it has been asked for, as after a code or with an authenticator app.
IN_PASSING = (302, 302, 302, 302)
ONLY_POST = (405, 405, 405, 405)
ALICES = (302, 404, 200, 404)
NO_APP = (302, 404, 404, 404)
NOWHERE = (404, 404, 404, 404)

# name: the statuses, then what the address names in the world
TABLE = {
    "front": [PUBLIC],
    "help": [PUBLIC],
    "theme": [ONLY_POST],
    "brand_css": [PUBLIC, "colour"],
    "healthz": [PUBLIC],
    "readyz": [PUBLIC],
    "account:about": [SIGNED_IN],
    "account:activity": [SIGNED_IN],
    "people:purchase_order": [SIGNED_IN],
    "people:address": [IN_PASSING],
    "people:invitation": [PUBLIC, "token"],
    "people:new_invitation": [ONLY_POST, "token"],
    "people:invitation_sent": [PUBLIC],
    "lost_address": [IN_PASSING],
    "lost_address_sent": [PUBLIC],
    "account_login": [SIGNED_OUT],
    "account_signup": [SIGNED_OUT],
    "account_request_login_code": [SIGNED_OUT],
    "account_confirm_login_code": [IN_PASSING],
    "account_email_verification_sent": [IN_PASSING],
    "account_inactive": [PUBLIC],
    "account_logout": [SIGNED_IN],
    "account_reauthenticate": [SIGNED_IN],
    "account_reset_password": [PUBLIC],
    "account_reset_password_done": [PUBLIC],
    "account_reset_password_from_key": [PUBLIC, "uid", "key"],
    "account_reset_password_from_key_done": [PUBLIC],
    "account_change_password": [SIGNED_IN],
    "account_set_password": [IN_PASSING],
    "account_email": [IN_PASSING],
    "mfa_index": [SIGNED_IN],
    "mfa_authenticate": [IN_PASSING],
    "mfa_reauthenticate": [IN_PASSING],
    "mfa_activate_totp": [IN_PASSING],
    "mfa_deactivate_totp": [NO_APP],
    "mfa_view_recovery_codes": [NO_APP],
    "mfa_generate_recovery_codes": [IN_PASSING],
    "mfa_download_recovery_codes": [NO_APP],
    "billing:invoice": [ALICES, "invoice"],
    "billing:print": [ALICES, "invoice"],
    "billing:pdf": [ALICES, "invoice"],
    "billing:purchase_order": [ALICES, "invoice"],
    "billing:credit_note": [ALICES, "credit_note"],
    "billing:credit_note_print": [ALICES, "credit_note"],
    "billing:credit_note_pdf": [ALICES, "credit_note"],
    "events:list": [PUBLIC],
    "events:event": [PUBLIC, "code"],
    "events:register": [(302, 200, 302, 200), "code"],  # alice is registered: led to her order
    "events:basket": [SIGNED_IN],
    "events:hold_removal": [(302, 405, 405, 405), "hold"],  # a visitor signs in, and sends it then
    "events:checkout": [(302, 302, 200, 302)],  # nothing in the basket: led to it
    "events:order": [ALICES, "order"],
    "events:confirmation": [ALICES, "order"],
    "events:calendar": [ALICES, "registration"],
    "demo:mails": [NOWHERE],
    "demo:mail": [NOWHERE, "mail"],
    "demo:mail_html": [NOWHERE, "mail"],
    "demo:mail_calendar": [NOWHERE, "calendar_mail"],
    "demo:document": [NOWHERE, "mail", "document"],
}
DEMO = ["demo:mails", "demo:mail", "demo:mail_html", "demo:mail_calendar", "demo:document"]


@pytest.fixture(autouse=True)
def quiet(caplog):
    """Refusals are what is tested: they need no line each."""
    caplog.set_level(logging.ERROR, logger="django.request")


def addresses(resolver=None, namespace=""):
    """The name of every address but the office's, which have a test of their own."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}"
        elif entry.app_name != "admin":
            inner = f"{entry.namespace}:" if entry.namespace else ""
            yield from addresses(entry, namespace + inner)


def address(name, world):
    return reverse(name, args=[world[word] for word in TABLE[name][1:]])


def test_every_address_is_in_the_table():
    assert sorted(addresses()) == sorted(TABLE)


def test_each_role_sees_what_it_may_and_looking_writes_nothing(world):
    statuses, written = {}, []

    def watch(execute, sql, params, many, context):
        if sql.lstrip().split(None, 1)[0].upper() in {"INSERT", "UPDATE", "DELETE"}:
            written.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        for name in TABLE:
            url = address(name, world)
            statuses[name] = tuple(world["clients"][role].get(url).status_code for role in ROLES)

    assert statuses == {name: row[0] for name, row in TABLE.items()}
    assert written == []


def test_what_is_alices_is_as_far_from_her_colleague_as_from_a_stranger(world):
    owned = [name for name, row in TABLE.items() if row[0] == ALICES]

    assert {
        name: world["clients"]["bob"].get(address(name, world)).status_code for name in owned
    } == dict.fromkeys(owned, 404)


def test_who_is_led_to_the_sign_in_page_comes_back(world):
    kept = [name for name, row in TABLE.items() if row[0] in (SIGNED_IN, ALICES)]
    for name in kept:
        url = address(name, world)
        response = world["clients"]["visitor"].get(url)
        if name != "account_logout":
            assert response.headers["Location"] == f"/sign-in/?next={url}", name


def test_in_the_demo_anybody_reads_its_mail(world, body):
    body.body.is_demo = True
    body.body.save()

    assert {
        name: world["clients"]["visitor"].get(address(name, world)).status_code for name in DEMO
    } == dict.fromkeys(DEMO, 200)


@pytest.mark.parametrize(
    "model", sorted(admin.site._registry, key=lambda m: m._meta.label), ids=lambda m: m._meta.label
)
def test_the_office_is_for_the_staff_alone(model, charlie, sam, client_of):
    """What is Django's and allauth's own is for who may do all."""
    label = f"{model._meta.app_label}_{model._meta.model_name}"
    url = reverse(f"admin:{label}_changelist")
    may_add = admin.site._registry[model].has_add_permission

    assert Client().get(url).status_code == 302
    assert client_of(charlie).get(url).status_code in {302, 403, 404}
    staff = client_of(sam)
    assert staff.get(url).status_code == 200
    request = staff.get(url).wsgi_request
    if may_add(request):
        assert staff.get(reverse(f"admin:{label}_add")).status_code == 200
