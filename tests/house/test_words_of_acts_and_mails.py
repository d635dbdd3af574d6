"""The office reads words where the code has names: kinds of mail, acts and kinds of object."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from portal.core.mail.kinds import has_words, words_of
from portal.core.models import HistoryEntry, OutgoingMail
from portal.people.models import Person

pytestmark = pytest.mark.house
TEMPLATES = Path("portal/templates")
KINDS = sorted(
    {path.stem for path in TEMPLATES.glob("*/emails/*.txt")} - {"base"},
)
WORDS = re.compile(r"[a-z]+([ -][a-z]+)*")


def acts() -> list[str]:
    """The first argument of every record(…), and the acts that record_all and change_own take."""
    found = []
    for path in Path("portal").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            first = node.args[0]
            if name in {"record", "change_own"}:
                found += [
                    leaf.value
                    for leaf in ast.walk(first)
                    if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)
                ]
    return sorted(set(found))


def test_every_kind_of_mail_has_words() -> None:
    assert KINDS[0] == "account_already_exists"
    assert [kind for kind in KINDS if not has_words(kind)] == []
    assert [words_of(kind) for kind in KINDS if "_" in words_of(kind)] == []


def test_every_act_is_words() -> None:
    found = acts()
    assert {"invoice raised", "payment reversed", "second step set up"} <= set(found)
    parts = [act.strip() for act in found if act.strip()]  # of f-strings: “{kind} added”
    assert [part for part in parts if not WORDS.fullmatch(part)] == []


@pytest.mark.django_db
def test_the_office_reads_words(
    client_of: Callable[[Person], Client], sam: Person, body: object
) -> None:
    now = timezone.now()
    for kind in ("login_code", "invoice", "way_in"):
        OutgoingMail.objects.create(
            kind=kind, to="a@example.org", subject="x", message_id=kind, created_at=now
        )
    HistoryEntry.objects.create(
        act="invoice raised", at=now, object_type="billing.Invoice", object_id="1"
    )
    HistoryEntry.objects.create(
        act="clock believed", at=now, object_type="core.Gone", object_id="1"
    )
    office = client_of(sam)

    mails = office.get("/office/core/outgoingmail/").text
    history = office.get("/office/core/historyentry/").text

    def choices(page: str) -> set[str]:
        return set(
            re.findall(r"<a href=\"\?(?:kind|act|object_type)=[^>]*>\s*([^<]+?)\s*</a>", page)
        )

    assert choices(mails) == {"Sign-in code", "Invoice", "New way in for an administrator"}
    assert choices(history) == {"Invoice raised", "Clock believed", "Invoice", "core.Gone"}
