"""Make tests/migrating/first_walk anew: what an older commit keeps of its demo, and what it says.

Run in a checkout of that commit, on its code, as tests/migrating/README.md says. Never part of a
test run: tests read only what it wrote.
"""

from __future__ import annotations

import io
import json
import lzma
import os
import sqlite3
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import time_machine

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(Path.cwd()), str(HERE)]
from reading import Page  # noqa: E402

AT = datetime(2026, 11, 25, 10, 0, tzinfo=ZoneInfo("Europe/London"))
CAST = ("alice", "bob", "charlie", "sam")
PAGES = ["/", "/account/", "/account/activity/", "/training-and-events/"]
OTHER_EVENTS = 3  # each of the cast looks at so many of the next events besides their own
EMPTY = {"django_session", "core_cache", "sqlite_sequence"}


def main(into: Path, postgresql: str) -> None:
    with tempfile.TemporaryDirectory() as folder, time_machine.travel(AT, tick=False):
        os.environ.pop("DATABASE_URL", None)
        os.environ |= {
            "PORTAL_DATA": folder,
            "PORTAL_URL": "http://localhost:8000",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("setup", "--demo")
        keep(into / "copy.json.xz", rows_and_tables(Path(folder), postgresql))
        keep(into / "said.json.xz", {"at": AT.isoformat(), **said()})


def keep(path: Path, what: dict[str, Any]) -> None:
    text = json.dumps(what, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    path.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    sys.stdout.write(f"{path.name}: {path.stat().st_size:,} bytes\n")


# --- The copy -------------------------------------------------------------------------------------
def rows_and_tables(folder: Path, postgresql: str) -> dict[str, Any]:
    """Every row, as SQLite keeps it, and the tables of both databases before and after the rows."""
    database = sqlite3.connect(folder / "portal.sqlite3")
    schema = database.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL "
        "AND name NOT LIKE 'sqlite%' ORDER BY rowid"
    ).fetchall()
    tables = [name for kind, name, _ in schema if kind == "table"]
    rows = {}
    for table in tables:
        found = database.execute(f'SELECT * FROM "{table}"')
        columns = [column[0] for column in found.description]
        rows[table] = [columns, [] if table in EMPTY else [list(row) for row in found]]
    return {
        "rows": rows,
        "json": columns_of_json(),
        "sqlite": {
            "before": [sql for kind, _, sql in schema if kind == "table"],
            "after": [sql for kind, _, sql in schema if kind != "table"],
        },
        "postgresql": tables_of_postgresql(postgresql),
    }


def columns_of_json() -> list[str]:
    """table.column of each that holds JSON: text on SQLite."""
    from django.apps import apps
    from django.db.models import JSONField

    return [
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, JSONField)
    ]


def tables_of_postgresql(url: str) -> dict[str, Any]:
    """The same tables, made by the same commit in an empty database; what was migrated there."""
    environment = os.environ | {"DATABASE_URL": url}
    migrate = [sys.executable, "-m", "django", "migrate", "--verbosity=0"]
    subprocess.run(migrate, env=environment, check=True)
    command = [sys.executable, "-m", "django", "createcachetable"]
    subprocess.run(command, env=environment, check=True)
    dump = ["pg_dump", "--schema-only", "--no-owner", "--no-privileges", "--no-comments"]
    parts = {"before": "--section=pre-data", "after": "--section=post-data"}
    tables: dict[str, Any] = {
        part: only_sql(subprocess.check_output([*dump, section, url], text=True))
        for part, section in parts.items()
    }
    with psycopg.connect(url) as database:
        found = database.execute("SELECT id, app, name, applied::text FROM django_migrations")
        rows = [list(row) for row in found]
    tables["rows"] = {"django_migrations": [["id", "app", "name", "applied"], rows]}
    return tables


def only_sql(dumped: str) -> str:
    """Without remarks, and without what only psql knows."""
    lines = dumped.splitlines()
    return "\n".join(line for line in lines if line and not line.startswith(("--", "\\")))


# --- What it said ---------------------------------------------------------------------------------
def said() -> dict[str, Any]:
    from django.conf import settings

    from portal.people.models import Person

    settings.ALLOWED_HOSTS = ["localhost"]
    pages = []
    for name in CAST:
        who = Person.objects.get(email=f"{name}@example.org")
        pages += [asked(name, who, address) for address in addresses(who)]
    pages += [asked("", None, address) for address in addresses(None)]
    return {"pages": pages, **documents()}


def addresses(who: Any) -> list[str]:
    from django.utils import timezone

    from portal.billing.models import Invoice
    from portal.events.models import Event, Order, Registration

    coming = list(Event.objects.upcoming(timezone.now()).values_list("code", flat=True))
    codes = coming[:OTHER_EVENTS]
    if who is None:
        return [*PAGES[:1], *PAGES[3:], *(f"/training-and-events/{code}/" for code in codes)]
    booked = Registration.objects.for_attendee(who)
    codes = dict.fromkeys([*codes, *booked.values_list("event__code", flat=True)])
    invoices = Invoice.objects.for_person(who).values_list("sequence", flat=True)
    numbers = [Invoice.objects.get(sequence=one).number for one in invoices]
    orders = [order.number for order in Order.objects.filter(booked_by=who)]
    return [
        *PAGES,
        *(f"/training-and-events/{code}/" for code in codes),
        *(f"/invoices/{number}/" for number in numbers),
        *(f"/invoices/{number}/print/" for number in numbers),
        *(f"/orders/{number}/" for number in orders),
        *(f"/registrations/{key}/event.ics" for key in booked.values_list("pk", flat=True)),
    ]


def asked(name: str, who: Any, address: str) -> dict[str, Any]:
    from django.test import Client

    client = Client(HTTP_HOST="localhost")
    if who is not None:
        client.force_login(who.user)
    answer = client.get(address)
    html = answer.content.decode()
    page = Page(html if "<main" in html else f"<main>{html}</main>")
    text = html if address.endswith(".ics") else page.text
    return {
        "who": name,
        "address": address,
        "status": answer.status_code,
        "text": text,
        "links": page.links,
    }


def documents() -> dict[str, Any]:
    """The words of each invoice's PDF: as it stood on that day, and as it was mailed."""
    from portal.billing import documents as papers
    from portal.billing.models import Invoice
    from portal.core.dates import on_day
    from portal.core.documents.rendering import content_of
    from portal.core.models import Document

    today = on_day(AT)
    now = {i.number: words(papers.pdf(i, on=today)) for i in Invoice.objects.order_by("sequence")}
    mailed = {d.filename: words(content_of(d)) for d in Document.objects.order_by("pk")}
    return {"now": now, "mailed": mailed}


def words(pdf: bytes) -> str:
    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2])
