"""Every cookie of the portal is bound to its very host where it is on the net."""

import json

import pytest

from tests.processes import run

pytestmark = pytest.mark.house

PUBLIC = {
    "PORTAL_URL": "https://portal.example.org",
    "PORTAL_SECRET_KEY": "k" * 60,
    "PORTAL_TRUSTED_PROXIES": "127.0.0.1",
}
BODY = ["--short-name=IMA", "--email=o@example.org", "--phone=0113 496 0677"]
# With the settings as they stand for real, which are made when a process starts.
WALK = """
import json
from django.contrib.messages import info
from django.test import Client
from allauth.account.models import EmailAddress
from portal.accounts.models import User

User.objects.filter(email="ann@example.org").delete()
user = User.objects.create_user("ann@example.org", "a long password")
EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
visitor = Client(HTTP_HOST=HOST, HTTP_X_FORWARDED_PROTO="https" if PUBLIC else "")
seen = []

def look(answer):
    seen.extend(morsel.OutputString() for morsel in answer.cookies.values())
    return answer

wrong = {"login": user.email, "password": "not the password"}
paths = ["/", "/sign-in/", "/create-an-account/", "/forgotten/", "/help/", "/office/", "/none"]
for path in paths:
    look(visitor.get(path))
look(visitor.post("/theme/", {"theme": "dark"}))
assert b'data-theme="dark"' in visitor.get("/help/").content
look(visitor.post("/theme/", {"theme": ""}))
look(visitor.post("/sign-in/", wrong))
look(visitor.post("/sign-in/", wrong | {"password": "a long password"}))
for path in paths:
    look(visitor.get(path))
look(visitor.post("/sign-out/"))
look(visitor.get("/"))
print(json.dumps(seen))
"""


@pytest.fixture(scope="module")
def installation(tmp_path_factory, installed):
    made = installed(tmp_path_factory.mktemp("data"))
    named = run("body", "Institute", *BODY, "--address=1 Row, Leeds, LS1 4AP", env=made)
    assert named.returncode == 0
    return made


def cookies(installation, **env):
    made = installation | env
    host = "portal.example.org" if env else "localhost"
    start = f"HOST, PUBLIC = {host!r}, {bool(env)}\n"
    walked = run("shell", "--no-imports", "-c", start + WALK, env=made)
    assert walked.returncode == 0, walked.stderr
    return {cookie.partition("=")[0]: cookie for cookie in json.loads(walked.stdout)}


NAMES = {
    "portal_session",
    "portal_csrf",
    "portal_last",
    "portal_device",
    "portal_messages",
    "portal_theme",
}


def test_on_the_net_every_cookie_is_bound_to_the_host(installation):
    found = cookies(installation, **PUBLIC)

    assert set(found) == {f"__Host-{name}" for name in NAMES}
    for cookie in found.values():
        assert "; Secure" in cookie
        assert "; Path=/;" in f"{cookie};"
        assert "domain" not in cookie.lower()
        assert "; HttpOnly" in cookie or "Max-Age=0" in cookie
        assert "; SameSite=" in cookie


def test_on_ones_own_machine_the_names_stand_plain(installation):
    found = cookies(installation)

    assert set(found) == NAMES
    assert [cookie for cookie in found.values() if "Secure" in cookie] == []
