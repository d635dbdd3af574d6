"""The procedures that docs/deploying.md promises about keys, staff and accounts, as they are run.

Each begins with the installation that the first one makes: a real one, in a folder of its own, with
the commands and forms that people use.

What SECURITY.md promises of accounts, staff, keys and sessions is held by

- rate limits on signing in: tests/accounts/test_sign_in.py
- no answer tells whether an account exists: tests/accounts/test_sign_in.py, test_sign_up.py,
  test_password_rules.py, tests/home/test_forgotten.py
- invitation links only as hashes: tests/people/test_inviting.py
- a second step for staff, passed by each session: tests/accounts/test_second_step.py,
  test_sessions.py; by whom it is taken away, and by what proof: test_staff.py
- what ends the sessions of an account: tests/accounts/test_sessions.py; a new password:
  tests/accounts/test_password_rules.py
- rights given and taken by administrators, with a fresh proof: tests/accounts/test_staff.py
- a secret key that is gone: tests/accounts/test_unreadable.py, and here
- another person's row is 404: tests/house/test_addresses.py
- what a shared computer keeps: tests/accounts/test_shared_computer.py
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import shutil
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from django.test import Client

from portal.people.models import Person
from tests import factories
from tests.accounts import test_sign_in
from tests.deploying.visitor import Page, Visitor, mailed_link
from tests.processes import free_port, new_installation, run, serving

pytestmark = pytest.mark.long

FIRST, SECOND = "first-key-" * 5, "second-key-" * 5
ADA, TOM = "ada@example.org", "tom@example.org"
PASSWORD = "a-long-test-password"
NEW = "three quite new words"
SET_UP = "/account/second-step/app/"
APP_KEY = re.compile(r'qr-code__key">([A-Z2-7 ]+)<')
BODY = ("body", "Institute of Testing", "--short-name", "IT", "--email", "office@example.org")
BODY += ("--phone", "0113 496 0677", "--address", "1 Test Street, Leeds, LS1 4AP")


@dataclass
class Installation:
    """Its folder and environment, and what Ada, its administrator, has in her hands."""

    folder: Path
    env: dict[str, str]
    port: int
    ada: Visitor
    secret: str = ""
    codes: tuple[str, ...] = ()
    reset_link: str = ""
    invitation: str = ""

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def portal(self, *words: str) -> str:
        done = run(*words, env=self.env)
        assert done.returncode == 0, f"portal {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    @contextmanager
    def served(self, **env: str) -> Iterator[None]:
        """Running, and stopped in good order, so that it can be started again at its port."""
        self.env |= env
        with serving(self.env, port=self.port) as (process, _):
            yield
            process.terminate()
            process.wait(timeout=20)


def set_up(visitor: Visitor) -> str:
    """Set the second step up, as the page says; returns the secret that the app keeps."""
    page = visitor.get(SET_UP)
    found = APP_KEY.search(page.text)
    assert found, page.heading
    secret = found[1].replace(" ", "")
    assert visitor.fill(page, code=app_code(secret)).heading == "Recovery codes"
    return secret


def sign_in(url: str, *, code: str = "", password: str = PASSWORD) -> tuple[Visitor, Page]:
    """A new browser in which Ada has signed in, and the page that it comes to."""
    visitor = Visitor(url)
    page = visitor.fill("/sign-in/?next=/office/", login=ADA, password=password, next="/office/")
    return visitor, visitor.fill(page, code=code) if code else page


def codes_of(visitor: Visitor) -> tuple[str, ...]:
    page = visitor.get("/account/second-step/codes/")
    return tuple(re.findall(r"<code>(\d{8})</code>", page.text))


def app_code(secret: str, *, later: int = 0) -> str:
    """What the app shows now, or half a minute later (RFC 6238): each signs in once, and both are
    taken now."""
    moment = struct.pack(">Q", int(time.time()) // 30 + later)
    digest = hmac.new(base64.b32decode(secret), moment, hashlib.sha1).digest()
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """“First start”, from `portal setup` to the office; a colleague; a forgotten password."""
    folder = tmp_path_factory.mktemp("installation")
    port = free_port()
    env = new_installation(folder) | {
        "PORTAL_URL": f"http://localhost:{port}",
        "PORTAL_SECRET_KEY": FIRST,
    }
    made = Installation(folder, env, port, Visitor(f"http://localhost:{port}"))
    made.portal("setup")
    made.portal(*BODY)
    made.portal("staff", "add", ADA, "--all", "--first-name", "Ada", "--last-name", "Admin")
    made.portal("staff", "add", TOM, "--first-name", "Tom", "--last-name", "Taylor")
    with made.served():
        ada = made.ada
        invitation = mailed_link(folder, ADA, "Set your password", "/invitation/")
        assert ada.fill(invitation, password=PASSWORD).status == 200
        assert ada.get("/office/").heading == "Set up the second step"
        made.secret = set_up(ada)
        made.codes = codes_of(ada)
        assert ada.get("/office/").path == "/office/"
        Visitor(made.url).fill("/forgotten/", email=ADA)
        made.invitation = mailed_link(folder, TOM, "Set your password", "/invitation/")
        made.reset_link = mailed_link(folder, ADA, "Set a new password", "/forgotten/")
    return made


@pytest.fixture
def installation(founded: Installation, tmp_path: Path) -> Installation:
    """The one that was founded, as a copy that a test may do anything to."""
    folder = tmp_path / "installation"
    shutil.copytree(founded.folder, folder)
    cookies = Visitor(founded.url)
    for cookie in founded.ada.cookies:
        cookies.cookies.set_cookie(cookie)
    env = founded.env | {"PORTAL_DATA": str(folder)}
    return replace(founded, folder=folder, env=env, ada=cookies)


def test_first_start(founded: Installation) -> None:
    assert len(founded.codes) == 10
    told = run("setup", "--check", env=founded.env)
    assert told.returncode == 1
    assert "There are no supplier details" in told.stdout
    assert "second step that cannot be read" not in told.stdout


def test_the_key_is_changed_and_all_goes_on(installation: Installation) -> None:
    it = installation
    with it.served(PORTAL_SECRET_KEY=SECOND, PORTAL_OLD_SECRET_KEYS=FIRST):
        assert it.ada.get("/office/").path == "/office/"
        assert it.ada.get(it.reset_link).heading == "Set a new password"
        assert codes_of(it.ada) == it.codes
        other, page = sign_in(it.url, code=app_code(it.secret, later=1))
        assert page.path == "/office/"
        # The old key may go when the second steps of its time have been set up again.
        other.fill("/account/second-step/app/removal/")
        secret = set_up(other)
        codes = codes_of(other)
    with it.served(PORTAL_OLD_SECRET_KEYS=""):
        assert other.get("/office/").path == "/office/"
        assert sign_in(it.url, code=app_code(secret, later=1))[1].path == "/office/"
        assert sign_in(it.url, code=codes[0])[1].path == "/office/"
        assert run("setup", "--check", env=it.env).stdout.count("second step") == 0


def test_the_key_has_leaked(installation: Installation) -> None:
    it = installation
    with it.served(PORTAL_SECRET_KEY=SECOND):
        assert it.ada.get("/office/").heading == "Sign in"
        assert Visitor(it.url).get(it.reset_link).heading == "This link no longer works"
        assert Visitor(it.url).get(it.invitation).heading == "Set your password"
        told = run("setup", "--check", env=it.env)
        assert "The second step of ada@example.org cannot be read" in told.stdout
        visitor, page = sign_in(it.url)
        assert page.heading == "Set up the second step"
        set_up(visitor)
        office = visitor.get("/office/")
        assert (office.status, office.path) == (200, "/office/")
        assert "second step that cannot be read" not in office.text


def test_an_administrator_has_lost_phone_and_codes(installation: Installation) -> None:
    it = installation
    with it.served():
        assert it.ada.get("/office/").path == "/office/"
        told = it.portal("staff", "readmit", ADA)
        assert told.startswith(f"A link to set a new password goes to {ADA}.")
        assert it.ada.get("/office/").heading == "Sign in"
        assert sign_in(it.url)[1].path.startswith("/sign-in/?")
        link = mailed_link(it.folder, ADA, "Your new way into the portal", "/forgotten/")
        visitor = Visitor(it.url)
        visitor.fill(link, password1=NEW)
        assert visitor.get("/office/").heading == "Set up the second step"
        set_up(visitor)
        assert visitor.get("/office/").path == "/office/"
        assert visitor.get("/office/accounts/user/").status == 200
        # No mail reaches her: whoever runs the machine hands her the link.
        told = it.portal("staff", "readmit", ADA, "--show-link")
        shown = re.match(rf"{it.url}(/forgotten/\S+)\n", told)
        assert shown
        assert visitor.get("/office/").heading == "Sign in"
        visitor.fill(shown[1], password1=PASSWORD)
        assert visitor.get("/office/").heading == "Set up the second step"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("staff", "readmit", "nobody@example.org"), f"Administrators: {ADA}."),
        (("staff", "readmit"), "the following arguments are required: EMAIL"),
    ],
)
def test_a_command_that_cannot_be_done_says_so(
    founded: Installation, words: tuple[str, ...], sentence: str
) -> None:
    done = run(*words, env=founded.env)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


# --- In the office ------------------------------------------------------------------------------
@pytest.mark.django_db
def test_somebody_of_the_staff_leaves(sam: Person, client_of: Callable[[Person], Client]) -> None:
    """An administrator closes the account: its sessions end at the next page, for good."""
    office, his = factories.proven_client_of(factories.administrator()), client_of(sam)
    page = f"/office/accounts/user/{sam.user_id}/change/"
    assert his.get("/office/").status_code == 200

    office.post(page, {})

    assert not his.get("/account/", follow=True).context["user"].is_authenticated
    led = test_sign_in.sign_in(Client(), sam.email, factories.PASSWORD)["Location"]
    assert led == "/sign-in/closed/"
    office.post(page, {"is_active": "on"})
    assert not his.get("/account/", follow=True).context["user"].is_authenticated
    assert client_of(sam).get("/office/", follow=True).status_code == 403
