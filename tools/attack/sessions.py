"""A second step is not passed by a session from before it, nor a role by one from before that.

Somebody has the password and a session of a member of staff. When the second step is set up,
changed or taken away, or a role is gained or lost, that session has to end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.attack.frame import Attempt, judged, must
from tools.attack.visitors import App, Visitor, form_of
from tools.attack.world import BOSS, SAM, World

APP = "/account/second-step/app/"
CODES = "/account/second-step/codes/"
KEY = re.compile(r'qr-code__key">([A-Z2-7 ]+)<')


def opens(session: Visitor) -> list[str]:
    """What a session that should have ended still opens."""
    found = []
    office = session.get("/office/")
    if office.status == 200:
        found.append("the office")
    if session.get(CODES).status == 200:
        found.append("the recovery codes")
    about = session.get("/account/")
    if about.status == 200:
        found.append("About me")
    if APP in about.location:
        found.append("the page to set up a second step")
    return found


def ended(tried: str, *sessions: Visitor) -> Attempt:
    """Sessions from before have ended."""
    faults = [f"still opens {' and '.join(found)}" for one in sessions if (found := opens(one))]
    return judged(tried, faults, times=4 * len(sessions))


def attack(world: World) -> Iterator[Attempt]:
    site = world.site
    nina, omar = world.people(2, f"nina{world.database[:2].lower()}", is_staff=True)
    site.inside("set_row", model="core.Body", key=1, staff_second_step=True)
    try:
        yield from _second_step(world, nina["email"])
    finally:
        site.inside("set_row", model="core.Body", key=1, staff_second_step=False)
    yield from _roles(world, omar)
    yield from _settings(world)


def _second_step(world: World, email: str) -> Iterator[Attempt]:
    thief, owner = world.visitor(), world.visitor()
    must(thief.sign_in(email), "the thief's password does not sign in")
    must(owner.sign_in(email), "the owner does not sign in")
    app = set_up(owner)
    must(owner.get("/office/").status == 200, "the owner does not get into the office")
    yield ended("a session by password, when the second step is set up elsewhere", thief)

    second = _by_app(world, email, app)
    owner.submit(f"{CODES}new/")
    _opened(owner, "making new recovery codes")
    yield ended("another session, when new recovery codes are made", second)

    third = _by_app(world, email, app)
    owner.submit(f"{APP}removal/")
    gone = owner.get(f"{APP}removal/").status != 200
    must(gone, "the owner could not take the second step away")
    yield ended("another session, when the second step is taken away", third)


def _by_app(world: World, email: str, app: App) -> Visitor:
    """Another browser in which the owner signs in by password and app."""
    made = world.visitor()
    made.enter_password(email)
    made.post("/sign-in/second-step/", {"code": app.code()})
    must(made.get("/office/").status == 200, "the code of the app does not let in")
    return made


def _opened(owner: Visitor, what: str) -> None:
    must(owner.get("/account/").status in {200, 302}, f"{what} signed the owner out")


def set_up(owner: Visitor) -> App:
    """Set the second step up as a person does. Raises CouldNotTry."""
    page = owner.get(APP)
    found = must(KEY.search(page.page), f"no key to set up at {APP} ({page.status})")
    app = App(str(found[1]))
    answer = owner.post(APP, {**form_of(page.page), "code": app.code()})
    must(answer.status == 302, f"the second step is not set up ({answer.status})")
    return app


def _roles(world: World, omar: dict[str, object]) -> Iterator[Attempt]:
    """Gaining the role by the command, and losing it by the office's page."""
    site = world.site
    tess, uwe = world.people(2, f"tess{world.database[:2].lower()}")
    first = Visitor(site, session=tess["session"])
    must(first.is_signed_in(), "a member's session does not open")
    site.done("staff", "add", str(tess["email"]))
    yield ended("a member's session, when `portal staff add` gives the role", first)

    boss = world.visitor(BOSS)
    for what, who, role in (
        ("gives the role", uwe, {"is_staff": "on"}),
        ("takes the role", omar, {}),
    ):
        session = Visitor(site, session=str(who["session"]))
        must(session.is_signed_in(), f"no session before the office {what}")
        path = f"/office/accounts/user/{who['user']}/change/"
        before = _flag(world, who, "is_staff")
        boss.post(path, {"is_active": "on", "_save": "Save", **role})
        must(_flag(world, who, "is_staff") != before, f"the administrator's form, which {what}")
        yield ended(f"a session, when the office {what}", session)


def _flag(world: World, who: dict[str, object], name: str) -> str:
    row = world.site.inside("row", model="accounts.User", where={"pk": who["user"]})
    return str((row or {}).get(name))


def _settings(world: World) -> Iterator[Attempt]:
    """Whose hand it needs: an administrator's, who has just shown who they are."""
    site, faults, times = world.site, [], 0
    sam, boss = world.visitor(SAM), Visitor(site)
    must(boss.sign_in(BOSS), "the administrator cannot sign in")
    (mate,) = world.people(1, f"mate{world.database[:2].lower()}")
    old = _aged(world, boss)
    for who, hand in (("staff", sam), ("an administrator of two days ago", old)):
        must(hand.get("/office/").status == 200, f"{who} does not get into the office")
        before = _second_step_asked(world)
        change: dict[str, str] = {} if before else {"staff_second_step": "on"}
        hand.post("/office/core/body/1/change/", {"legacy_invoices_note": "", **change})
        times += 1
        if _second_step_asked(world) != before:
            faults.append(f"{who} switched the second step of staff")
            site.inside("set_row", model="core.Body", key=1, staff_second_step=before)
        times += 1
        path = f"/office/accounts/user/{mate['user']}/change/"
        hand.post(path, {"is_active": "on", "is_staff": "on", "_save": "Save"})
        if _flag(world, mate, "is_staff") == "True":
            faults.append(f"{who} made a member staff")
            site.inside("set_row", model="accounts.User", key=mate["user"], is_staff=False)
    yield judged(
        "the second step of staff, and who is staff, without an administrator's fresh proof",
        faults,
        times=times,
    )


def _second_step_asked(world: World) -> bool:
    row = world.site.inside("row", model="core.Body", where={"pk": 1})
    return bool(row and row["staff_second_step"] == "True")


def _aged(world: World, boss: Visitor) -> Visitor:
    proofs = world.site.inside("age_session", key=boss.session, seconds=2 * 24 * 3600)
    must(proofs, "the session bears no proof that could grow old")
    return boss
