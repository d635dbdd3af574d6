"""What the demo institute teaches."""

from __future__ import annotations

from dataclasses import dataclass

FUNDING_PAGE = "https://www.example.org/funded-training"


@dataclass(frozen=True)
class Course:
    slug: str
    title: str
    kind: str
    hours: tuple[str, str]
    points: str
    overview: str
    category: str = "Training"
    is_funded: bool = False


def _overview(lead: str, *points: str, who: str) -> str:
    learned = "\n".join(f"- {point}" for point in points)
    return f"{lead}\n\n## What you will take away\n\n{learned}\n\n## Who it is for\n\n{who}"


COURSES = [
    Course(
        "debt-relief-orders",
        "Debt relief orders: from first look to approval",
        "training",
        ("09:30", "16:00"),
        "6",
        is_funded=True,
        overview=_overview(
            "A full day on the debt relief order, from the client’s first interview to the "
            "official receiver’s decision, with the limits and the fee rules in force now.",
            "tell within minutes whether a client comes within the limits",
            "value cars, pension pots and jointly owned things",
            "spot a preference or a transaction at an undervalue before the receiver does",
            "write an application that comes back approved",
            who="Advisers who refer to, or want to become, approved intermediaries. "
            "You need a year of casework.",
        ),
    ),
    Course(
        "priority-debts",
        "Priority debts and emergencies",
        "training",
        ("09:30", "16:00"),
        "6",
        is_funded=True,
        overview=_overview(
            "Rent, mortgage, council tax, energy, fines: what happens when they are not paid, how "
            "fast, and what can stop it.",
            "rank a client’s debts by what they can lose, and when",
            "ask for a suspension, a stay or a withdrawal in the right words",
            "deal with bailiffs at the door and before",
            who="New advisers, and anyone who comes back to casework.",
        ),
    ),
    Course(
        "bankruptcy",
        "Bankruptcy for advisers",
        "training",
        ("09:30", "16:00"),
        "6",
        overview=_overview(
            "When bankruptcy is the right answer, when it only looks so, and how to prepare a "
            "client for the year that follows.",
            "compare bankruptcy with a debt relief order and an IVA for one client",
            "explain what happens to a home, a car, a job and a bank account",
            "handle income payments and after-acquired property",
            who="Advisers with six months of casework or more.",
        ),
    ),
    Course(
        "court-skills",
        "Representing clients at possession hearings",
        "training",
        ("09:30", "16:00"),
        "6",
        overview=_overview(
            "A day on your feet: duty desk, district judge, and the ten minutes before the door "
            "opens. With role play before a retired judge.",
            "take instructions in ten minutes",
            "argue reasonableness, arrears and terms of a suspended order",
            "use the pre-action protocol as a defence",
            who="Specialist and court advisers.",
        ),
    ),
    Course(
        "supervision",
        "Supervising debt advice",
        "training",
        ("10:00", "13:00"),
        "3",
        overview=_overview(
            "File reviews that people learn from, and supervision that keeps advisers in the job.",
            "run a file review that changes practice",
            "notice stress and secondary trauma early",
            "record supervision so that it stands up to an audit",
            who="Supervisors, managers and those about to be.",
        ),
    ),
    Course(
        "self-employed-clients",
        "Self-employed clients",
        "training",
        ("10:00", "13:00"),
        "3",
        is_funded=True,
        overview=_overview(
            "Business and household debt in one budget: sole traders, drivers, carers.",
            "build a budget from uneven income",
            "tell business debts from personal ones, and who is liable",
            "deal with HMRC, VAT arrears and trade creditors",
            who="Advisers who have used the standard financial statement for a year.",
        ),
    ),
    Course(
        "vulnerability",
        "Working with clients in vulnerable circumstances",
        "training",
        ("10:00", "13:00"),
        "3",
        is_funded=True,
        overview=_overview(
            "Mental health, bereavement, economic abuse, gambling: what to ask, what to write "
            "down, and what creditors must then do.",
            "open the conversation and make the next step small",
            "use the debt and mental health evidence form and breathing space together",
            "hold creditors to the rules on vulnerable customers",
            who="Everyone who speaks with clients.",
        ),
    ),
    Course(
        "breathing-space",
        "Breathing space in practice",
        "webinar",
        ("12:00", "13:00"),
        "1",
        overview=_overview(
            "One hour on the cases that go wrong: joint debts, missed midway reviews, mental "
            "health crisis moratoriums.",
            "avoid the five usual reasons for a review",
            "use the moratorium to get an energy or council tax problem solved",
            who="Debt advice providers who make or refer applications.",
        ),
    ),
    Course(
        "council-tax",
        "Council tax arrears: what works now",
        "webinar",
        ("12:00", "13:00"),
        "1",
        overview=_overview(
            "From liability order to committal, with the newest decisions of the courts and the "
            "ombudsman.",
            "challenge a liability order in time",
            "use section 13A relief",
            who="All advisers.",
        ),
    ),
    Course(
        "energy-debt",
        "Energy debt and prepayment meters",
        "webinar",
        ("13:00", "14:00"),
        "1",
        overview=_overview(
            "The rules on forced installation, back-billing and the ability to pay, with letters "
            "that work.",
            "stop a warrant visit",
            "use the back-billing rule",
            who="All advisers.",
        ),
    ),
]

CONFERENCE = Course(
    "conference",
    "Annual Conference",
    "conference",
    ("10:00", "16:30"),
    "6",
    category="Meetings and forums",
    overview=_overview(
        "Two days with 250 colleagues: keynote speakers, eighteen workshops, the annual general "
        "meeting and dinner by the river. The conference is the place where the year’s changes "
        "in law and practice come together.",
        "choose six of eighteen workshops",
        "hear the regulator, the courts service and the creditors answer your questions",
        "vote at the annual general meeting",
        who="Members and everyone in free-to-client money advice.",
    ),
)
