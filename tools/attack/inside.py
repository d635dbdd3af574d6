"""What is prepared and looked up inside the portal: a process of its own, a JSON line each way.

Preparing goes through the portal's acts and the rows of tests/factories.py, so that what is
attacked is what people have. Reading tells what pages do not: what stands in the database.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tools.attack.settings")

PASSWORD = "attack-the-portal-9"


# --- Preparing ---------------------------------------------------------------------------------
def cast() -> dict[str, Any]:
    """The rules of the office, the named cast, one course, and an order of alice's."""
    from portal.core.models import Body, BodyDetails
    from tests import factories

    Body.objects.filter(pk=1).update(staff_second_step=False)
    # It has been there for years: what holds from a day on holds for a clock that is slow too.
    BodyDetails.objects.update(valid_from=factories.BEGINNING)
    factories.rules()
    factories.lists()
    alice, bob = factories.alice(), factories.bob()
    charlie, sam = factories.charlie(), factories.sam()
    place = factories.option(factories.event("insolvency", title="Insolvency"))
    course = factories.option(factories.event("plenty", title="Plenty of places"))
    order = factories.order(alice, place)
    basket = factories.hold(alice, course)
    boss = _people(1, "boss", is_staff=True)[0]
    boss.user.is_superuser = True
    boss.user.save()
    for person in (alice, bob, charlie, sam):
        person.user.password = _hashed()
        person.user.save()
    return {
        "emails": [p.email for p in (alice, bob, charlie, sam, boss)],
        "order": order.number,
        "invoice": order.invoice.number,
        "registration": order.registrations.get().pk,
        "hold": basket.holds.get().pk,
        "person": alice.pk,
        "user": alice.user_id,
    }


def people(
    *, count: int, name: str, account: bool = True, is_staff: bool = False, is_old: bool = False
) -> list[dict[str, Any]]:
    """New people, with a confirmed account or without; their emails, keys and sessions."""
    made = _people(count, name, account=account, is_staff=is_staff, is_old=is_old)
    return [
        {
            "email": one.email,
            "person": one.pk,
            "user": one.user_id,
            "session": _session(one.user) if account else "",
        }
        for one in made
    ]


def _people(
    count: int, name: str, *, account: bool = True, is_staff: bool = False, is_old: bool = False
) -> list[Any]:
    from django.db import transaction

    from tests import factories

    made = []
    with transaction.atomic():
        for number in range(count):
            email = f"{name}{number}@example.org"
            one = factories.person("Pat", f"{name}{number}", email=email, has_account=False)
            if account:
                one.user = _account(email, is_staff, is_old)
                one.save()
            made.append(one)
    return made


def _account(email: str, is_staff: bool = False, is_old: bool = False) -> Any:
    from allauth.account.models import EmailAddress

    from portal.accounts.models import User

    user = User.objects.create(email=email, password=_hashed(is_old), is_staff=is_staff)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


@cache
def _hashed(is_old: bool = False) -> str:
    """The hash of PASSWORD, made once: it takes long on purpose. `is_old`: by the way before."""
    from django.contrib.auth.hashers import make_password

    from portal.accounts.hashing import OldHasher

    return make_password(PASSWORD, hasher=OldHasher() if is_old else "default")


def _session(user: Any) -> str:
    """The key of a session in which somebody is signed in, as Django itself makes it."""
    from django.test import Client

    client = Client()
    client.force_login(user)
    key: str = client.session.session_key
    return key


def session(*, email: str) -> str:
    """A session of who has this account."""
    from portal.accounts.models import User

    return _session(User.objects.get(email=email))


def age_session(*, key: str, seconds: int) -> int:
    """Make the sign-in of a session so much older; returns how many moments it bears."""
    from importlib import import_module

    from django.conf import settings

    store = import_module(settings.SESSION_ENGINE).SessionStore(session_key=key)
    aged = 0
    for name, value in list(store.items()):
        store[name], count = _aged(value, seconds)
        aged += count
    store.save()
    return aged


def _aged(value: Any, seconds: int) -> tuple[Any, int]:
    """The same with each moment of the last hour, as seconds since 1970, so much earlier."""
    import time

    if isinstance(value, dict):
        pairs = {name: _aged(one, seconds) for name, one in value.items()}
        return {n: one for n, (one, _) in pairs.items()}, sum(c for _, c in pairs.values())
    if isinstance(value, list):
        made = [_aged(one, seconds) for one in value]
        return [one for one, _ in made], sum(count for _, count in made)
    if isinstance(value, int | float) and abs(value - time.time()) < 3600:
        return value - seconds, 1
    return value, 0


def event(*, code: str, places: int | None = None) -> str:
    """A new course with one option for anybody."""
    from tests import factories

    factories.option(factories.event(code, title=code), places=places)
    return code


def second_step(*, email: str) -> str:
    """Give an account an authenticator app; its secret."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from portal.accounts.models import User

    user = User.objects.get(email=email)
    secret: str = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def invite(*, count: int, name: str) -> int:
    """Invite so many new people at once, as the office does."""
    from django.utils import timezone

    from portal.people.inviting import invite as send

    made = _people(count, name, account=False)
    return send(made, actor="attack", at=timezone.now())


def queue(*, to: list[str]) -> int:
    """Queue a usual message to each."""
    from django.db import transaction
    from django.utils import timezone

    from portal.core.mail.outbox import queue_mail

    with transaction.atomic():
        for address in to:
            queue_mail(
                "emails/base", to=address, subject="Hello", context={}, written_at=timezone.now()
            )
    return len(to)


def waiting_secret(*, to: str, words: str) -> int:
    """A message with a code as an older version left it: readable, and not yet sent."""
    from datetime import timedelta

    from django.utils import timezone

    from portal.core.models import OutgoingMail, new_message_id

    return OutgoingMail.objects.create(
        kind="login_code",
        to=to,
        subject="Your sign-in code",
        text=words,
        html=words,
        sender="office@example.org",
        message_id=new_message_id(),
        is_secret=True,
        due_at=timezone.now() + timedelta(days=2),
    ).pk


def old_mail(*, hours: int) -> None:
    """A message that has been due for so many hours."""
    from datetime import timedelta

    from django.utils import timezone

    from portal.core.models import OutgoingMail

    queue(to=["waits@example.org"])
    long_ago = timezone.now() - timedelta(hours=hours)
    OutgoingMail.objects.filter(to="waits@example.org").update(created_at=long_ago, due_at=long_ago)


def make_due(*, to: str) -> int:
    """Make what was put off to an address due now; how many there are."""
    from django.utils import timezone

    from portal.core.models import OutgoingMail

    waiting = OutgoingMail.objects.filter(to=to, sent_at=None, attempts__gt=0)
    return waiting.update(due_at=timezone.now())


def read_only(*, on: bool) -> None:
    """Have PostgreSQL refuse to write, for every connection from now on."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = off")
        cursor.execute(
            f"ALTER DATABASE postgres SET default_transaction_read_only = {'on' if on else 'off'}"
        )


def drop_mail(*, to: str) -> int:
    from portal.core.models import OutgoingMail

    return OutgoingMail.objects.filter(to=to).delete()[0]


def set_row(*, model: str, key: int, **values: Any) -> int:
    """Set fields of one row, by label such as core.Body."""
    from django.apps import apps

    return apps.get_model(model)._base_manager.filter(pk=key).update(**values)


# --- Reading -----------------------------------------------------------------------------------
def row(*, model: str, where: dict[str, Any]) -> dict[str, str] | None:
    """All columns of one row, as text; None where there is none."""
    from django.apps import apps

    found = apps.get_model(model)._base_manager.filter(**where).order_by("-pk").values().first()
    return None if found is None else {name: str(value) for name, value in found.items()}


def count(*, model: str, where: dict[str, Any] | None = None) -> int:
    from django.apps import apps

    return apps.get_model(model)._base_manager.filter(**(where or {})).count()


def values(*, model: str, field: str, where: dict[str, Any] | None = None) -> list[str]:
    from django.apps import apps

    found = apps.get_model(model)._base_manager.filter(**(where or {}))
    return [str(value) for value in found.values_list(field, flat=True).order_by("pk")]


def bookings(*, event: str) -> dict[str, Any]:
    """What an event has led to: orders, places, invoice numbers, and mails not yet sent."""
    from portal.events.models import Registration

    found = Registration.objects.filter(event__code=event)
    orders = {one.order for one in found.select_related("order__invoice")}
    return {
        "registrations": found.count(),
        "orders": sorted(order.number for order in orders),
        "invoices": sorted(order.invoice.number for order in orders if order.invoice),
    }


def secret_lookups() -> dict[str, list[list[str]]]:
    """By list of the office: lookups that reach a secret, each with a beginning that is true.

    Found by walking the relations of every model that the office has a list of.
    """
    from django.contrib import admin

    secrets = _secrets()
    found: dict[str, list[list[str]]] = {}
    for model in admin.site._registry:
        path = f"/office/{model._meta.app_label}/{model._meta.model_name}/"
        reached: list[list[str]] = []
        for lookup, label in _paths(model, 3):
            if label in secrets:
                for value in _beginnings(model, lookup):
                    reached.append([lookup, value])
        found[path] = reached
    return found


def _secrets() -> set[str]:
    return {
        "accounts.User.password",
        "core.OutgoingMail.text",
        "core.OutgoingMail.html",
        "core.OutgoingMail.sealed",
        "mfa.Authenticator.data",
        "people.Invitation.token_hash",
    }


def _paths(model: Any, depth: int, seen: tuple[Any, ...] = ()) -> list[tuple[str, str]]:
    """Each way from a model to a field, as lookups have it, with the field's label."""
    ways = []
    for one in model._meta.get_fields():
        name = one.name  # of a relation the other way round: what lookups call it
        if not one.is_relation:
            ways.append((name, f"{model._meta.label}.{one.name}"))
        elif depth > 1 and one.related_model not in {None, model, *seen}:
            inner = _paths(one.related_model, depth - 1, (*seen, model))
            ways += [(f"{name}__{rest}", label) for rest, label in inner]
    return ways


def _beginnings(model: Any, lookup: str) -> list[str]:
    """The first characters of one secret that a lookup reaches, where there is one."""
    rows = model._base_manager.exclude(**{lookup: None}).exclude(**{lookup: ""})
    try:
        value = rows.values_list(lookup, flat=True).first()
    except Exception:
        return []
    return [str(value)[:16]] if value else []


def invoices() -> list[dict[str, str]]:
    """Every invoice, in the order in which they were raised: its number and its dates."""
    from portal.billing.models import Invoice

    found = Invoice.objects.order_by("pk").values("number", "issued_on", "issued_at")
    return [{name: str(value) for name, value in one.items()} for one in found]


def kept() -> dict[str, int]:
    """How much there is of what is forgotten after a time."""
    from django.contrib.sessions.models import Session

    from portal.accounts.models import User
    from portal.events.models import Basket
    from portal.people.models import Invitation

    return {
        "baskets": Basket.objects.count(),
        "sessions": Session.objects.count(),
        "sign-ups": User.objects.unclaimed().count(),
        "invitations": Invitation.objects.count(),
    }


def addresses() -> list[str]:
    """Every address of the portal, those of the office included, with a value in each place."""
    from django.urls import get_resolver

    found = sorted(set(_addresses(get_resolver(), "")))
    return [path for path in found if "(?P" not in path]


SAMPLES = {
    "code": "insolvency",
    "token": "no-token-at-all",
    "uidb36": "1",
    "key": "set-password",
    "version": "0e5a5c-00000000",
    "object_id": "1",
    "app_label": "core",
    "content_type_id": "1",
    "url": "nowhere",
}


def _addresses(resolver: Any, before: str) -> Any:
    from django.urls import URLPattern

    for entry in resolver.url_patterns:
        path = before + _filled(entry.pattern)
        if isinstance(entry, URLPattern):
            yield f"/{path}"
        else:
            yield from _addresses(entry, path)


def _filled(pattern: Any) -> str:
    """The path of a pattern: a sample, or the first order, invoice, row for each place in it."""
    import re

    text = str(pattern).lstrip("^").rstrip("$").removesuffix("\\Z")
    filled = re.sub(r"<(?:[\w.]+:)?(\w+)>", lambda m: _sample(m[1]), text)
    filled = re.sub(r"\(\?P<(\w+)>(?:\([^)]*\)|[^()])*\)", lambda m: _sample(m[1]), filled)
    return filled.replace("\\.", ".")


def _sample(name: str) -> str:
    if name == "number":
        return _kept_numbers()
    return SAMPLES.get(name, "1")


def _kept_numbers() -> str:
    from portal.events.models import Order

    first = Order.objects.order_by("pk").first()
    return str(first.number) if first else "1"


# --- The other end of the line -------------------------------------------------------------------
def answer(line: str) -> dict[str, Any]:
    """Do what a line asks for; what went wrong is the answer too."""
    from django.db import connection

    try:
        name, given = json.loads(line)
        function: Callable[..., Any] = globals()[name]
        return {"answer": function(**given)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    finally:
        connection.close()


def main() -> None:
    import django

    django.setup()
    out = sys.stdout
    sys.stdout = sys.stderr  # whatever is printed on the way is no answer
    for line in sys.stdin:
        out.write(json.dumps(answer(line), default=str) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
