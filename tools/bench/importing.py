"""Importing people, with all guards on, on both databases."""

from __future__ import annotations

import csv
import resource
import time
from collections.abc import Iterator
from pathlib import Path

from tools.bench.figures import Row, at_least, not_measured
from tools.bench.processes import Site
from tools.bench.world import World

ROWS = 20_000
PACE = 2_000


def importing(world: World) -> Iterator[Row]:
    path = world.folder / "people.csv"
    write_people(path)
    for database, site, why in world.on_both("import"):
        what = f"import of {ROWS:,} people as verified, {database}"
        if site is None:
            yield not_measured(what, why)
            continue
        seconds, processor = _imported(site, path)
        pace = ROWS / seconds
        yield at_least(what, pace, PACE, figure=f"{pace:,.0f} rows/s", said=f"{PACE:,}")
        figure = f"{seconds:.1f} s, {processor:.1f} s"
        yield Row("  its time, and the processor time of the command", figure)


def _imported(site: Site, path: Path) -> tuple[float, float]:
    begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    site.portal("import", "people", "--verified", str(path))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - begun, processor


def write_people(path: Path) -> None:
    """A file of 20,000 people, every cell filled, in 500 organisations."""
    from portal.demo.people import COLUMNS

    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(a_person(number) for number in range(ROWS))


def a_person(number: int) -> dict[str, str]:
    return {
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
