"""After a new PORTAL_SECRET_KEY nobody is shut out, and nothing is an error.

What the old key sealed cannot be read any more: a second step counts as not set up, a waiting
message is passed over, a session has ended. Last, because all sessions end with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from tools.attack.frame import Attempt, judged, must, until
from tools.attack.visitors import Answer, Visitor
from tools.attack.world import World

NEW = "another-secret-key-" * 4
APP = "/account/second-step/app/"
SECOND_STEP = "/sign-in/second-step/"


def attack(world: World) -> Iterator[Attempt]:
    tag = world.database[:2].lower()
    kim, lee = world.people(2, f"kim{tag}", is_staff=True)
    member = world.people(1, f"mem{tag}")[0]
    for one in (kim, lee):
        world.site.inside("second_step", email=one["email"])
    world.site.inside("set_row", model="core.Body", key=1, staff_second_step=True)
    world.web  # noqa: B018 - it must work with the old key first
    control = world.visitor()
    control.enter_password(kim["email"])
    asked = control.get("/sign-in/second-step/")
    must(asked.status == 200, f"the second step is not asked for before ({asked.status})")
    world.stop_web()
    kept = world.visitor(member["email"])  # a session of the old key, and a mail that waits
    world.box.refuses = True
    kept.ask_for_code(member["email"])
    until(lambda: world.site.inside("make_due", to=member["email"]), seconds=5)
    world.stop_web()
    world.box.refuses = False
    web = world.site.serve("--with-worker", PORTAL_SECRET_KEY=NEW)
    try:
        yield _staff(world, kim["email"], lee["email"])
        yield _others(world, member["email"], kept)
        yield _log(web.said)
    finally:
        web.stop()
        world.site.inside("set_row", model="core.Body", key=1, staff_second_step=False)


def fault_of(what: str, answer: Answer) -> list[str]:
    return [f"{what} → {answer.status}"] if answer.status >= 500 or not answer.status else []


def _staff(world: World, first: str, second: str) -> Attempt:
    """By password and by code, they get as far as the page where a second step is set up."""
    faults: list[str] = []
    by_password = world.visitor()
    faults += fault_of("the password", by_password.enter_password(first))
    faults += fault_of("a code of the app", by_password.post(SECOND_STEP, {"code": "123456"}))
    faults += _led(by_password, "by password")
    by_code = world.visitor()
    faults += fault_of("asking for a code", by_code.ask_for_code(second))
    mail = world.box.next_to(second, 0, with_a="code")
    if mail is None:
        faults.append("no code comes")
    else:
        faults += fault_of("the code", by_code.enter_code(mail.code))
        faults += _led(by_code, "by code")
    return judged("staff get in after a new secret key, and set it up again", faults, times=7)


def _led(staff: Visitor, how: str) -> list[str]:
    answer = staff.get("/office/")
    page = staff.get(APP)
    faults = fault_of(f"the office {how}", answer) + fault_of(f"{APP} {how}", page)
    if not faults and (APP not in answer.location or page.status != 200):
        faults.append(f"{how} they are led to {answer.location or answer.status}")
    return faults


def _others(world: World, email: str, kept: Visitor) -> Attempt:
    """Members, visitors, and who still has a session and cookies of the old key."""
    faults: list[str] = []
    for path in ("/", "/account/", "/sign-in/", "/office/", "/forgotten/", "/account/second-step/"):
        faults += fault_of(f"{path} with the old cookies", kept.get(path))
        faults += fault_of(path, Visitor(world.site).get(path))
    fresh = Visitor(world.site)
    if not fresh.sign_in_by_code(email, world.box):
        faults.append("a member does not get in by code")
    fresh = Visitor(world.site)
    if not fresh.sign_in(email):
        faults.append("a member does not get in by password")
    return judged("everybody else after a new secret key", faults, times=14)


def _log(said: str) -> Attempt:
    faults = [f"{said.count('Traceback')} tracebacks"] if "Traceback" in said else []
    if len(said) > 100_000:
        faults.append(f"{len(said):,} characters")
    return judged("the log after a new secret key", faults, times=1)
