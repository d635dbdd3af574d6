"""`make bench`: every figure with its bound."""

from __future__ import annotations

import csv
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

from tools import postgresql
from tools.bench.processes import Site, cpu_seconds, megabytes, most_megabytes, new_site
from tools.bench.visitors import Visitor, rate

BOOKINGS = 50
SIGN_INS = 30
BUYERS, LAST_PLACES = 64, 5
ROWS = 20_000
ROUNDS = 5
COURSE, RUSH = "measured-course", "last-places"


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        print("Filling a database with the demo institute …", flush=True)
        site = new_site(Path(folder) / "sqlite")
        site.inside("event", COURSE, "")
        print()
        pages(site)
        bookings(site)
        sign_ins(site)
        rush(site, "SQLite")
        on_postgresql(Path(folder))
        document(site)
        memory(site)
        start(site)
        importing(Path(folder))
    return 0


def told(what: str, figure: str, bound: str = "", *, ok: bool = True) -> None:
    verdict = ("ok" if ok else "OVER") if bound else ""
    print(f"{what:<58} {figure:>24}   {bound:<22} {verdict}", flush=True)


def pages(site: Site) -> None:
    """In rounds, each page beside the bare view: what else the machine does counts for both."""
    counts = site.inside("queries", COURSE)
    (session,) = site.inside("sessions", "1")
    addresses = {
        "bare": f"{site.url}/bare/",
        "event": f"{site.url}/training-and-events/{COURSE}/",
        "activity": f"{site.url}/account/activity/",
    }
    rounds = []
    with site.served():
        for address in addresses.values():
            rate(address, session=session, seconds=1)
        for _ in range(ROUNDS):
            rounds.append({name: rate(a, session=session)[0] for name, a in addresses.items()})
    told("bare view, the yardstick", f"{median(r['bare'] for r in rounds):,.0f} requests/s")
    for name in ("event", "activity"):
        pace = median(r[name] for r in rounds)
        share = median(r[name] / r["bare"] for r in rounds)
        figure = f"{pace:,.0f}/s, {share:.1%} of bare"
        told(f"{name} page, signed in", figure, "at least 10%", ok=share >= 0.1)
        told("  its queries", str(counts[name]), "at most 8", ok=counts[name] <= 8)


def bookings(site: Site) -> None:
    sessions = site.inside("sessions", str(BOOKINGS + 1))[1:]
    with site.served() as (pid, _):
        rate(f"{site.url}/bare/", seconds=1)
        bare = bare_cpu(site, pid)
        Visitor(site.port, sessions[0]).book(COURSE)
        settle(site)
        before = cpu_seconds(pid)
        mails = len(sent(site))
        visitors = [Visitor(site.port, session) for session in sessions[1:]]
        for visitor in visitors:
            visitor.book(COURSE)
        settle(site, at_least=mails + len(visitors))
        booking = (cpu_seconds(pid) - before) / len(visitors)
        # Before and after: a machine that is busy with something else is slower at everything.
        bare = (bare + bare_cpu(site, pid)) / 2
    asked = max(visitor.requests for visitor in visitors)
    told("a bare request, processor time", f"{bare * 1000:.2f} ms")
    figure = f"{booking * 1000:.0f} ms, {booking / bare:.0f} × bare"
    told(
        "a whole booking: web, worker and database",
        figure,
        "at most 150 ×",
        ok=booking <= 150 * bare,
    )
    told("  its requests, redirects counted", str(asked), "at most 8", ok=asked <= 8)


def sign_ins(site: Site) -> None:
    """By password, one after another for the processor time, all at once for the memory."""
    password = "measured in silence"
    emails = site.inside("accounts", str(SIGN_INS), password)
    with site.served() as (pid, _):
        rate(f"{site.url}/bare/", seconds=1)
        bare = bare_cpu(site, pid)
        Visitor(site.port).sign_in(emails[0], password)
        before = cpu_seconds(pid)
        for email in emails:
            Visitor(site.port).sign_in(email, password)
        one = (cpu_seconds(pid) - before) / len(emails)
        bare = (bare + bare_cpu(site, pid)) / 2
        peak = most_megabytes(pid, lambda: at_once(site, emails, password))
    figure = f"{one * 1000:.0f} ms, {one / bare:.0f} × bare"
    told("a sign-in by password: its page and form", figure, "at most 80 ×", ok=one <= 80 * bare)
    what = f"  memory, the most during {len(emails)} sign-ins at once"
    told(what, f"{peak:.0f} MB", "under 250 MB", ok=peak < 250)


def at_once(site: Site, emails: list[str], password: str) -> None:
    threads = [
        threading.Thread(target=Visitor(site.port).sign_in, args=[email, password])
        for email in emails
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def bare_cpu(site: Site, pid: int) -> float:
    """Seconds of processor time that one request of the bare view takes."""
    before = cpu_seconds(pid)
    _, count = rate(f"{site.url}/bare/", seconds=4)
    return (cpu_seconds(pid) - before) / count


def sent(site: Site) -> list[Path]:
    return list((site.folder / "mail").glob("*.eml"))


def settle(site: Site, *, at_least: int = 0) -> None:
    """Until no mail has come for a second: then the worker is done."""
    count = -1
    while count != len(sent(site)) or count < at_least:
        count = len(sent(site))
        time.sleep(1)


def rush(site: Site, database: str) -> None:
    """All buyers at once for the last places, each in a browser of their own."""
    site.inside("event", RUSH, str(LAST_PLACES))
    sessions = site.inside("sessions", str(BUYERS))
    ready = threading.Barrier(BUYERS + 1)
    ordered: list[str] = []

    def buy(session: str) -> None:
        visitor = Visitor(site.port, session)
        ready.wait()
        if visitor.save_responses(RUSH).endswith("/basket/"):
            ordered.append(visitor.check_out())

    with site.served("--with-worker"):
        threads = [threading.Thread(target=buy, args=[session]) for session in sessions]
        for thread in threads:
            thread.start()
        ready.wait()
        begun = time.monotonic()
        for thread in threads:
            thread.join()
        seconds = time.monotonic() - begun
    taken = site.inside("places_taken", RUSH)
    right = taken == {"registrations": LAST_PLACES, "invoices": LAST_PLACES}
    what = f"{BUYERS} buyers at once for the last {LAST_PLACES} places, {database}"
    told(what, f"{seconds:.2f} s", f"{taken['registrations']} orders, invoices", ok=right)


def on_postgresql(folder: Path) -> None:
    try:
        with postgresql.postgresql() as url:
            rush(new_site(folder / "postgresql", DATABASE_URL=url), "PostgreSQL")
    except postgresql.NoPostgres as reason:
        told(f"on PostgreSQL: not measured, {reason}", "")


def document(site: Site) -> None:
    taken = site.inside("pdf")
    ratio = taken["ours"] / taken["bare"]
    figure = f"{taken['ours']:.1f} ms, {ratio:.2f} × bare typst"
    told("invoice as a PDF, warm", figure, "at most 2 ×", ok=ratio <= 2)


def memory(site: Site) -> None:
    (session,) = site.inside("sessions", "1")
    sizes = []
    for processes in (1, 2):
        with site.served("--processes", str(processes)) as (pid, _):
            visitor = Visitor(site.port, session)
            for number in range(1000 * processes):
                visitor.ask(
                    "GET", f"/training-and-events/{COURSE}/" if number % 2 else "/account/activity/"
                )
            sizes.append(megabytes(pid))
    one, further = sizes[0], sizes[1] - sizes[0]
    told(
        "memory after 1,000 requests: one web process, worker",
        f"{one:.0f} MB",
        "under 250 MB",
        ok=one < 250,
    )
    told("  each further web process", f"{further:.0f} MB", "at most 100 MB", ok=further <= 100)


def start(site: Site) -> None:
    taken = []
    for _ in range(3):
        with site.served() as (_, seconds):
            taken.append(seconds)
    middle = median(taken)
    told(
        "from `portal serve` to its first page", f"{middle:.2f} s", "within 2.5 s", ok=middle <= 2.5
    )


def importing(folder: Path) -> None:
    site = new_site(folder / "import")
    path = folder / "people.csv"
    write_people(path)
    begun = time.monotonic()
    site.portal("import", "people", "--verified", str(path))
    pace = ROWS / (time.monotonic() - begun)
    told(
        f"people imported as verified, {ROWS:,} rows at once",
        f"{pace:,.0f} rows/s",
        "at least 2,000",
        ok=pace >= 2000,
    )


def write_people(path: Path) -> None:
    """A file of 20,000 people, every cell filled, in 500 organisations."""
    from portal.demo.people import COLUMNS

    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for number in range(ROWS):
            writer.writerow(
                {
                    "membership_number": f"B{number:05d}",
                    "title": "Ms",
                    "first_name": "Ada",
                    "last_name": f"Bench{number}",
                    "email": f"ada.bench{number}@example.org",
                    "phone": "0113 496 0677",
                    "mobile": f"07700 900{number % 1000:03d}",
                    "address_line_1": f"{number} Fern House",
                    "address_line_2": "Test Street",
                    "address_line_3": "Headingley",
                    "town": "Leeds",
                    "county": "West Yorkshire",
                    "postcode": "LS1 4AP",
                    "country": "GB",
                    "organisation": f"Advice {number % 500}",
                    "organisation_type": "Citizens Advice",
                    "role_type": "Money adviser / caseworker",
                    "category": "Accredited",
                    "member_since": "2020-04-01",
                    "renewal_date": "2027-04-01",
                    "certmap_date": "01/06/2021",
                    "bulletin": "yes",
                    "share_with_employer": "no",
                    "event_news": "yes",
                    "purchase_order": f"PO-{number}",
                }
            )


if __name__ == "__main__":
    sys.exit(main())
