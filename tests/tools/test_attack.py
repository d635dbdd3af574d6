"""An attack can fail: whatever it judges by tells a door that is open from one that is shut.

Each theme has a control: a bad answer given to its judgement, or the attack itself against a web
that has its doors open. What could not be tried never counts as held.
"""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from tools.attack import (
    __main__ as command,
)
from tools.attack import (
    clocks,
    flood,
    frame,
    junk,
    keys,
    kills,
    lists,
    lockouts,
    mail,
    mailbox,
    outages,
    proxies,
    rush,
    sessions,
    setups,
    strangers,
    timing,
    updates,
    visitors,
)
from tools.attack.frame import Attempt, CouldNotTry, NotHere, Report, Theme, judged, run_theme
from tools.attack.visitors import Answer, Visitor

pytestmark = pytest.mark.house


def report_of(*attempts, error=None, seconds=5):
    """What a theme that yields these is reported as."""

    def attack(world):
        yield from attempts
        if error:
            raise error

    report = Report(width=60)
    run_theme(Theme("made", attack, 5, 5), None, report, seconds=seconds)
    return report


# --- The frame ---------------------------------------------------------------------------------
def test_all_held_is_the_only_way_to_exit_with_nought(capsys):
    assert report_of(judged("a door", [], times=2)).end(1) == 0
    assert report_of(judged("a door", ["it opens"], times=2)).end(1) == 1
    assert report_of(judged("a door", [], times=0)).end(1) == 1
    assert report_of().end(1) == 1
    assert report_of(error=CouldNotTry("no sign-in")).end(1) == 1
    assert report_of(error=ZeroDivisionError("a slip")).end(1) == 1
    assert report_of(error=NotHere("no unshare")).end(1) == frame.NOTHING_HERE
    assert Report().end(1) == 1
    said = capsys.readouterr().out
    assert "DID NOT HOLD  made: a door" in said
    assert "no sign-in" in said
    assert "NOT HERE      made: no unshare" in said


def test_what_this_machine_cannot_do_is_named_and_is_no_fault(capsys):
    report = report_of(judged("a door", [], times=2), error=NotHere("no unshare"))

    assert report.end(1) == 0
    assert "NOT HERE      made: no unshare" in capsys.readouterr().out


def test_an_attack_ends_at_its_bound_and_was_then_not_tried(capsys):
    def endless(world):
        yield judged("a door", [], times=1)
        while True:
            time.sleep(0.01)

    report = Report(width=60)
    run_theme(Theme("made", endless, 5, 5), None, report, seconds=0.1)

    assert report.end(1) == 1
    assert "not done within 0 s" in capsys.readouterr().out


@pytest.mark.parametrize("width", [40, 60, 79, 80, 110])
def test_the_table_fits_the_terminal(width):
    long = Attempt("a session by password, when the second step is set up elsewhere", False,
                   "still opens the office\x1b[31m and the recovery codes", 1234)  # fmt: skip
    report = Report(width=width)
    report.begin("PostgreSQL")
    rows = report.lines("strangers", long)

    assert max(map(len, rows)) <= width
    assert "DID NOT HOLD" in rows[0]
    assert "\x1b" not in "".join(rows)
    assert "1,234" in " ".join(rows)
    assert rows[0].startswith("Po")


def test_it_stays_on_this_machine():
    site = SimpleNamespace(port=80)
    assert frame.check_loopback("127.3.4.5") == "127.3.4.5"
    for host in ("192.0.2.1", "example.org", "0.0.0.0", ""):
        with pytest.raises(frame.NotLoopback):
            frame.check_loopback(host)
    with pytest.raises(frame.NotLoopback):
        Visitor(site, address="192.0.2.1")


def test_attacks_are_chosen_by_the_beginning_of_their_names():
    assert [theme.name for theme in command.chosen("outage,flood")] == ["flood", "outages"]
    assert command.chosen("") == command.THEMES
    with pytest.raises(ValueError, match="There is no attack “nothing”"):
        command.chosen("nothing")
    given = command.arguments(["--short", "ONLY=lists", "SECONDS=90", "SEED=7"])
    assert (given.seconds, given.seed, len(given.themes)) == (90, 7, 1)
    assert command.arguments(["--short", "ONLY=proxies"]).databases == ["sqlite"]
    assert command.arguments(["ONLY=proxies"]).databases == ["sqlite", "postgresql"]
    for wrong in (["PORT=1"], ["ONLY=nothing"], ["SECONDS=soon"], ["DATABASES=oracle"]):
        with pytest.raises(SystemExit):
            command.arguments(wrong)


def test_a_seed_gives_the_same_tries_again():
    assert frame.dice(7, "junk").random() == frame.dice(7, "junk").random()
    assert frame.dice(7, "junk").random() != frame.dice(8, "junk").random()


def test_every_theme_is_run_on_both_databases_in_full_and_on_one_in_short():
    names = [theme.name for theme in command.THEMES]

    assert len(names) == len(set(names)) == 16
    assert all(set(theme.short_on) <= set(frame.BOTH) for theme in command.THEMES)
    assert all(theme.short_on for theme in command.THEMES)
    assert command.FULL <= 600


# --- A web with its doors open -------------------------------------------------------------------
OPEN = (
    f"<main><a href='/office/accounts/user/1/change/'>x</a>{strangers.SECRET} Alice <tr><tr></main>"
)


class Doors(BaseHTTPRequestHandler):
    """Answers every request alike, by the status of the test."""

    protocol_version = "HTTP/1.1"

    def _answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = self.server.page.encode()
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def __getattr__(self, name):
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, *_):
        pass


@pytest.fixture
def doors():
    """A world whose web is Doors: `answer(status, page, location)` sets what it says."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Doors)
    server.status, server.page, server.location = 200, OPEN, ""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    site = SimpleNamespace(port=server.server_port)
    made = []

    def visitor(email="", **more):
        made.append(Visitor(site, timeout=5, **more))
        return made[-1]

    def answer(status, page="", location=""):
        server.status, server.page, server.location = status, page, location

    yield SimpleNamespace(
        site=site,
        visitor=visitor,
        answer=answer,
        short=True,
        seed=1,
        database="SQLite",
        cast={"order": "O-1", "invoice": "1", "registration": 1, "hold": 1, "person": 1},
        pick=lambda short, full: short,
        dice=lambda *names: frame.dice(1, *names),
        web=SimpleNamespace(is_up=lambda: True),
    )
    for one in made:
        one.close()
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_error_of_the_web_is_a_fault_of_junk(doors):
    doors.answer(500)
    assert [a.held for a in (junk._long_emails(doors), junk._known(doors))] == [False, False]
    doors.answer(200)
    assert [a.held for a in (junk._long_emails(doors), junk._known(doors))] == [True, True]
    assert junk.is_fault(Answer(0, "gone"))
    assert not junk.is_fault(Answer(503, "a sentence"))
    assert [len(junk.long_email(n)) for n in (250, 255, 325)] == [250, 255, 325]


def test_a_session_that_goes_on_is_seen(doors):
    gone = sessions.ended("a session", doors.visitor())
    assert (gone.held, "the office" in gone.evidence) == (False, True)
    doors.answer(302, location="/account/second-step/app/")
    assert not sessions.ended("a session", doors.visitor()).held
    doors.answer(302, location="/sign-in/?next=/")
    assert sessions.ended("a session", doors.visitor()).held


def test_another_persons_page_is_seen(doors):
    assert not strangers.withheld(Answer(200, OPEN), "staff")
    assert not strangers.withheld(Answer(302, "", "/orders/1/"), "staff")
    assert not strangers.withheld(Answer(302, "", "/sign-in/"), "staff")
    assert strangers.withheld(Answer(302, "", "/sign-in/?next=/orders/1/"), "a visitor")
    assert strangers.withheld(Answer(404, ""), "staff")
    doors.site.inside = lambda question, **_: ["/office/core/body/"]
    office = strangers._office(doors)
    assert (office.held, office.times) == (False, 4)
    doors.answer(404)
    with pytest.raises(CouldNotTry):  # staff do not get in either: it shows nothing
        strangers._office(doors)


def test_a_scheme_that_anybody_may_claim_is_seen(doors):
    assert not proxies._honest_scheme(doors, doors.site.port).held
    doors.answer(301, location="https://portal.example.org/")
    assert proxies._honest_scheme(doors, doors.site.port).held


def test_a_limit_that_is_never_met_is_seen():
    answers = iter([Answer(410, "")] * 3 + [Answer(429, "")])
    assert proxies.tries(lambda _: next(answers)) == 3
    assert proxies.tries(lambda _: Answer(410, "")) == proxies.MOST
    assert not proxies._told("a header", proxies.MOST, 10).held
    assert proxies._told("a header", 10, 10).held
    with pytest.raises(CouldNotTry):
        proxies.tries(lambda _: Answer(301, ""))


def test_a_sign_in_that_fails_is_no_way_in(doors):
    doors.answer(302, location="/sign-in/")
    with pytest.raises(CouldNotTry, match="cannot sign in before the flood"):
        lockouts._known_device(doors, "a@example.org", "password", lambda own: True)


def test_a_person_who_is_shut_out_is_seen(doors):
    own = doors.visitor()
    own.cookies["portal_session"] = "s"
    doors.visitor = lambda *_: SimpleNamespace(
        sign_in=lambda email: True,
        lose_session=lambda: None,
        is_signed_in=lambda: False,
        enter_password=lambda *_: Answer(429, ""),
        ask_for_code=lambda *_: Answer(429, ""),
        post=lambda *_: Answer(429, ""),
    )
    shut = lockouts._known_device(doors, "a@example.org", "password", lambda own: False)
    assert (shut.held, shut.times) == (False, 18)
    assert lockouts._known_device(doors, "a@example.org", "password", lambda own: True).held


def test_an_error_after_a_new_key_is_seen(doors):
    doors.answer(500)
    assert keys._led(doors.visitor(), "by code") == [
        "the office by code → 500",
        "/account/second-step/app/ by code → 500",
    ]
    doors.answer(302, location="/sign-in/")
    assert keys._led(doors.visitor(), "by code") == ["by code they are led to /sign-in/"]
    assert not keys._log("Traceback (most recent call last):").held
    assert keys._log("Open http://localhost:8000/").held


# --- What is judged by ---------------------------------------------------------------------------
def test_a_list_that_tells_is_seen():
    def staff(*pages):
        answers = cycle(pages)
        return SimpleNamespace(get=lambda path: next(answers))

    row = Answer(200, '<tr><a href="/office/accounts/user/1/change/">boss</a>')
    none = Answer(200, "<tr>")
    refused = Answer(302, "", "/office/accounts/user/?e=1")
    asked = ("/office/accounts/user/", "password__startswith", "pbkdf2", "~no")

    assert "shows 1 rows" in lists.tells(staff(row, none), *asked)
    assert lists.tells(staff(row, row), *asked) == ""
    assert lists.tells(staff(refused, refused), *asked) == ""
    assert lists.tells(staff(Answer(500, ""), none), *asked) != ""
    assert lists._has("Your code is QXZ-743", "qxz 743".upper())
    assert not lists._has("gAAAAABk", "QXZ-743")


def test_one_mailbox_has_many_spellings():
    every = flood.spellings("victim", "bücher.example")

    assert {flood.mailbox_of(one) for one in every} == {"victim@xn--bcher-kva.example"}
    assert len(set(every)) == 10
    assert flood.mailbox_of("victin@bücher.example") != flood.mailbox_of(every[0])


def rounds(count, leak):
    dice = frame.dice(1, "timing")
    return [
        {kind: 0.02 + dice.gauss(0, 0.001) + (leak if kind == "account" else 0)
         for kind in timing.KINDS}
        for _ in range(count)
    ]  # fmt: skip


def test_a_difference_in_time_is_seen_through_the_noise():
    account, imported = timing.differences(rounds(60, leak=0.003))
    assert (account.tells, imported.tells) == (True, False)
    assert account.seconds == pytest.approx(0.003, abs=0.0005)
    assert not any(one.tells for one in timing.differences(rounds(60, leak=0)))
    with pytest.raises(ValueError, match="tell nothing"):
        timing.differences(rounds(3, leak=0))


def test_noise_that_hides_everything_is_not_called_held(monkeypatch, doors):
    dice = frame.dice(1, "noise")
    loud = [{kind: 0.5 + dice.gauss(0, 0.4) for kind in timing.KINDS} for _ in range(16)]
    monkeypatch.setattr(timing, "_series", lambda *_: loud)

    assert timing._compared(doors, "/forgotten/", "worker halted").held is None


def test_numbers_and_dates_that_are_wrong_are_seen():
    assert kills.gaps(["000001", "000002", "000003"]) == []
    assert kills.gaps(["000001", "000003"]) == ["2 was left out"]
    assert kills.gaps(["000001", "000001", "000002"]) == ["1 was given twice"]
    assert clocks.backwards(["2026-11-25", "2026-11-26", "2026-11-26"]) == []
    assert clocks.backwards(["2026-11-26", "2026-11-25"]) == ["2026-11-25 after 2026-11-26"]


def inside(**known):
    return SimpleNamespace(inside=lambda question, **_: known[question])


def test_an_order_that_is_lost_is_seen(doors):
    taken = {"orders": ["ORD-1"], "invoices": ["1"], "registrations": 1}
    doors.site = inside(bookings=taken)
    assert kills._lost(doors, "c", ["/orders/ORD-1/confirmation/"], ["web"]).held
    lost = kills._lost(doors, "c", ["/orders/ORD-2/confirmation/"], ["web"])
    assert (lost.held, "ORD-2" in lost.evidence) == (False, True)
    doors.site = inside(bookings=taken | {"invoices": []})
    assert not kills._lost(doors, "c", ["/orders/ORD-1/confirmation/"], ["web"]).held


def test_a_place_too_many_is_seen():
    def sold(registrations, invoices, confirmed):
        made = iter([f"/orders/{n}/" for n in range(confirmed)] + [""] * 16)
        taken = {"registrations": registrations, "invoices": ["1"] * invoices, "orders": []}
        buyers = [SimpleNamespace(order=lambda event: next(made)) for _ in range(16)]
        world = SimpleNamespace(
            web=None,
            database="SQLite",
            pick=lambda short, full: short,
            site=inside(event="last-places", bookings=taken),
            people_with_sessions=lambda *_: buyers,
        )
        return next(rush.attack(world)).held

    assert sold(3, 3, 3)
    assert not sold(4, 4, 4)
    assert not sold(3, 2, 3)
    with pytest.raises(CouldNotTry):
        sold(0, 0, 0)


def test_a_page_that_broke_during_an_update_is_seen():
    assert updates._judged("pages", updates.Counter({200: 90})).held
    assert not updates._judged("pages", updates.Counter({200: 90, 500: 1})).held
    assert not updates._judged("pages", updates.Counter({200: 90, 0: 1})).held
    assert updates._judged("pages", updates.Counter()).held is None


def test_readiness_that_says_nothing_of_mail_is_seen():
    assert not outages.names_mail("ready\n")
    assert not outages.names_mail("Everything is ready.")
    assert outages.names_mail("The oldest email has been waiting since 10:00 on 26 November 2026.")


def test_a_page_without_a_sentence_is_seen(doors):
    for status, faults in ((500, 7), (429, 7), (503, 0), (200, 0)):
        doors.answer(status)
        found, times = outages._pages(doors, doors.site.port)
        assert (len(found), times) == (faults, 7), status


def test_a_demo_that_is_served_in_public_is_seen(doors):
    fresh = SimpleNamespace(
        port=doors.site.port,
        run=lambda *_: SimpleNamespace(returncode=0, stderr=""),
        inside=lambda *_, **__: 1,
        start=lambda *_, **__: SimpleNamespace(said="Open", is_up=lambda: True, stop=lambda **_: 0),
    )
    assert not setups._demo_in_public(fresh).held
    ended = SimpleNamespace(is_up=lambda: False, stop=lambda **_: 0)
    ended.said = "Traceback (most recent call last):"
    fresh.start = lambda *_, **__: ended
    assert not setups._demo_in_public(fresh).held
    ended.said = "The demo institute is only for this machine."
    assert setups._demo_in_public(fresh).held


def test_a_code_that_comes_late_is_seen(doors, monkeypatch):
    box = SimpleNamespace(delay=0.0, mails=lambda to="": [SimpleNamespace(to="bulksq0@e")])
    doors.box = box
    doors.people = lambda *_: [{"email": "urgent@example.org"}]
    doors.site.inside = lambda *_, **__: 1
    monkeypatch.setattr(mail, "until", lambda condition, **_: condition())
    box.next_to = lambda *_, **__: None
    assert not mail._overtaking(doors).held
    box.next_to = lambda *_, **__: SimpleNamespace(at=time.monotonic() + 60)
    assert not mail._overtaking(doors).held
    box.next_to = lambda *_, **__: SimpleNamespace(at=time.monotonic() + 1)
    assert mail._overtaking(doors).held


# --- What acts for a person ---------------------------------------------------------------------
def test_the_authenticator_app_is_right():
    """RFC 6238, Appendix B: its last six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert visitors.totp(secret, at=59) == "287082"
    assert visitors.totp("gezd gnbv gy3t qojq gezd gnbv gy3t qojq", at=59) == "287082"
    assert visitors.totp("GEZDGNBVGY", at=59).isdecimal()
    app = visitors.App(secret)
    assert len({app.code() for _ in range(3)}) == len(app.used) == 3


def test_codes_and_links_are_read_from_mails():
    made = mailbox.Mail("a@b", "s", "Your code is\n\n    QXZ-743\n\nEnter it", "<1>", 0.0)
    assert (made.code, made.link) == ("QXZ-743", "")
    linked = mailbox.Mail("a@b", "s", "Here:\nhttp://x:1/forgotten/1-ab/\n", "<1>", 0.0)
    assert (linked.code, linked.link) == ("", "/forgotten/1-ab/")


def test_a_form_is_sent_as_a_browser_sends_it():
    page = (
        '<main><input type="hidden" name="csrfmiddlewaretoken" value="t">'
        '<input name="a" value="1 &amp; 2"><input type="checkbox" name="b">'
        '<input type="checkbox" name="c" checked><input type="radio" name="d" value="1" disabled>'
        '<input type="radio" name="d" value="2"><input type="radio" name="d" value="3" checked>'
        '<input type="submit" name="e" value="x"></main><input name="f" value="outside">'
    )
    assert visitors.form_of(page) == {"a": "1 & 2", "c": "on", "d": "3"}


def test_a_visitor_comes_from_an_address_of_their_own(doors):
    first, second = doors.visitor(), doors.visitor()
    assert first.address != second.address
    answer = first.get("/")
    assert (answer.status, urlsplit(answer.location).path) == (200, "")
    gone = Visitor(SimpleNamespace(port=1), timeout=1)
    assert gone.get("/").status == 0
