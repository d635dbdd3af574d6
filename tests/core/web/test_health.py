"""Whether a machine is well, asked by its address and over plain http, as a load balancer does."""

from pathlib import Path

import pytest
from django.test import Client

from tests.processes import new_installation, run

HOSTS = ["127.0.0.1", "10.1.2.3:8000", "[fe80::1]", "scanner.example.org", "not a host"]


@pytest.mark.django_db
@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(("address", "said"), [("/healthz", "ok\n"), ("/readyz", "ready\n")])
def test_any_name_will_do(client: Client, address: str, said: str, host: str) -> None:
    answer = client.get(address, headers={"host": host})

    assert (answer.status_code, answer.text) == (200, said)


@pytest.mark.django_db
def test_it_is_only_looked_at(client: Client) -> None:
    assert client.head("/healthz", headers={"host": "10.1.2.3"}).status_code == 200
    assert client.post("/healthz", headers={"host": "10.1.2.3"}).status_code == 405


def test_healthz_asks_nothing_of_the_database(client: Client) -> None:
    client.cookies["portal_session"] = "a" * 32

    assert client.get("/healthz").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/healthz/", "/healthz/more", "/sign-in/"])
def test_everything_else_answers_to_its_own_name_only(client: Client, address: str) -> None:
    assert client.get(address, headers={"host": "10.1.2.3"}).status_code == 400


@pytest.mark.house
def test_where_pages_are_https_a_balancer_still_asks_in_plain(tmp_path: Path) -> None:
    asks = (
        "from django.test import Client; c = Client(); "
        "print(*[c.get(a, HTTP_HOST='10.1.2.3').status_code for a in ('/healthz', '/healthz?x')])"
    )
    env = new_installation(tmp_path) | {
        "PORTAL_URL": "https://portal.example.org",
        "PORTAL_SECRET_KEY": "k" * 50,
        "PORTAL_TRUSTED_PROXIES": "127.0.0.1",
    }

    (tmp_path / "static").mkdir()  # no warning that there is none
    said = run("shell", "--no-imports", "-c", asks, env=env)

    assert (said.stdout, said.stderr) == ("200 200\n", "")
