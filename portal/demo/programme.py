"""A year behind and seven months ahead of training and events, as the events file staff import."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from datetime import date, timedelta

from portal.demo.catalogue import CONFERENCE, COURSES, FUNDING_PAGE, Course

COLUMNS = (
    "code,title,kind,starts,ends,place,online_link,overview,funding_link,terms,cpd_category,"
    "cpd_points,sessions,option,price,audience,places,covers,choose,pool"
).split(",")
ROOMS = [
    "The Priory Rooms, 40 Bull Street, Birmingham B4 6AF",
    "Carriageworks Theatre, 3 Millennium Square, Leeds LS2 3AD",
    "Friends’ Meeting House, 6 Mount Street, Manchester M2 5NS",
    "Resource for London, 356 Holloway Road, London N7 6PA",
]
FULL_DAY = [("Member", "130", "member"), ("Non-member", "190", "non-member")]
HALF_DAY = [("Member", "75", "member"), ("Non-member", "110", "non-member")]
HOUR = [("Member", "0", "member"), ("Non-member", "25", "non-member")]
CONFERENCE_OPTIONS = [
    ("Both days, residential, member", "340", "member", "120", "", ""),
    ("Both days, residential, non-member", "440", "non-member", "60", "", ""),
    ("One day, member", "165", "member", "40", "", "1"),
    ("One day, non-member", "225", "non-member", "20", "", "1"),
]


def programme_csv(today: date) -> str:
    """The file, the same for the same day."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for row in _rows(today):
        writer.writerow(row)
    return file.getvalue()


def _rows(today: date) -> Iterator[list[str]]:
    chance = random.Random("programme")  # noqa: S311 - the same programme each time
    first = today.replace(day=1)
    for offset in range(-12, 8):
        month = _month(first, offset)
        if month.month == 8:
            continue
        days = _teaching_days(month)
        for day, course in zip(
            sorted(chance.sample(days, 4)), chance.sample(COURSES, 4), strict=True
        ):
            if day != today:
                yield from _course_rows(course, day, chance)
    for offset in range(-12, 8):
        month = _month(first, offset)
        if month.month == 5:
            yield from _conference_rows(_teaching_days(month)[5])


def _month(first: date, offset: int) -> date:
    index = first.year * 12 + first.month - 1 + offset
    return date(index // 12, index % 12 + 1, 1)


def _teaching_days(month: date) -> list[date]:
    """Tuesdays to Thursdays, but not at Christmas."""
    days = (month + timedelta(days=n) for n in range(28))
    return [d for d in days if d.weekday() in (1, 2, 3) and not (d.month == 12 and d.day > 17)]


def _course_rows(course: Course, day: date, chance: random.Random) -> Iterator[list[str]]:
    in_a_room = course.kind == "training" and chance.random() < 0.35
    code = f"{course.slug}-{day:%Y-%m-%d}"
    event = [
        code,
        course.title,
        course.kind,
        f"{day} {course.hours[0]}",
        f"{day} {course.hours[1]}",
        chance.choice(ROOMS) if in_a_room else "",
        "" if in_a_room else f"https://meet.example.org/{code}",
        course.overview,
        FUNDING_PAGE if course.is_funded else "",
        "",
        course.category,
        course.points,
        "",
    ]
    for *option, pool in _options(course, chance, in_a_room=in_a_room):
        yield [*event, *option, "", "", pool]


def _options(
    course: Course, chance: random.Random, *, in_a_room: bool
) -> Iterator[tuple[str, str, str, str, str]]:
    """Name, price, audience, places, pool: members and others share the seats of a room."""
    if course.kind == "webinar":
        yield from ((*option, "", "") for option in HOUR)
        return
    prices = FULL_DAY if course.points == "6" else HALF_DAY
    size = chance.choice([8, 12, 16])
    pool = f"Room: {size}" if in_a_room else ""
    yield (*prices[0], "" if in_a_room else str(size), pool)
    yield (*prices[1], "4", pool)
    if course.is_funded:
        yield ("Free place funded by MaPS", "0", "funded", "5", "")


def _conference_rows(day: date) -> Iterator[list[str]]:
    starts, ends = CONFERENCE.hours
    event = [
        f"{CONFERENCE.slug}-{day.year}",
        f"{CONFERENCE.title} {day.year}",
        CONFERENCE.kind,
        f"{day} {starts}",
        f"{day + timedelta(days=1)} {ends}",
        "Riverside Conference Centre, 1 Quay Street, York YO1 9QQ",
        "",
        CONFERENCE.overview,
        "",
        "",
        CONFERENCE.category,
        CONFERENCE.points,
        f"Day 1: {day} {starts} to 17:30 (3 points); "
        f"Day 2: {day + timedelta(days=1)} 09:00 to {ends} (3 points)",
    ]
    for option in CONFERENCE_OPTIONS:
        yield [*event, *option, ""]
