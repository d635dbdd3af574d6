"""The demo institute, whose passwords everybody can read, is not served where others come."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.core.dates import today
from portal.core.machine.demo import SENTENCE
from portal.core.models import Body
from portal.core.readiness import all_missing
from tests.processes import free_port, run

PUBLIC = {
    "PORTAL_URL": "https://portal.example.org",
    "PORTAL_SECRET_KEY": "k" * 60,
    "PORTAL_TRUSTED_PROXIES": "127.0.0.1",
}


@pytest.mark.house
def test_serve_and_check_refuse_it(tmp_path, installed):
    env = installed(tmp_path)
    makes = "from portal.core.models import Body; Body.objects.create(is_demo=True)"
    assert run("shell", "--no-imports", "-c", makes, env=env).returncode == 0

    served = run("serve", "--port", str(free_port()), env=env | PUBLIC)
    checked = run("setup", "--check", env=env | PUBLIC)

    assert (served.returncode, served.stderr) == (2, f"{SENTENCE}\n")
    assert checked.returncode == 1
    assert f"- {SENTENCE}\n" in checked.stdout
    assert SENTENCE not in run("setup", "--check", env=env).stdout


@pytest.mark.django_db
def test_no_page_of_it_is_shown_on_the_net(settings):
    settings.LOCAL = False
    Body.objects.update(is_demo=True)
    visitor = Client()

    for path in ("/", "/sign-in/", "/office/"):
        page = visitor.get(path)
        assert (page.status_code, page.content.decode()) == (503, f"{SENTENCE}\n")
    assert visitor.get("/healthz").status_code == 200
    assert SENTENCE in all_missing(today())


@pytest.mark.django_db
def test_a_body_s_own_portal_is_looked_at_once(settings):
    settings.LOCAL = False
    visitor = Client()
    asked = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert visitor.get("/help/", secure=True).status_code == 200
        asked.append(sum("core_body" in query["sql"] for query in queries))

    assert asked[0] - asked[1] == 2
