"""What the environment may say, and the sentence for what cannot be right."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.core.machine.environment import Environment, host_of
from tests.processes import new_installation, run

pytestmark = pytest.mark.house

KEY = "k" * 50
SERVER = {"EMAIL_HOST_USER": "", "EMAIL_HOST_PASSWORD": "", "EMAIL_USE_SSL": False}


def given(**values: str) -> Environment:
    return Environment(values)


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]):
    """The sentence of a value that is refused; nothing besides is said."""

    def sentence(read, *args, **kwargs) -> str:
        with pytest.raises(ImproperlyConfigured) as error:
            read(*args, **kwargs)
        assert capsys.readouterr() == ("", "")
        return str(error.value)

    return sentence


def test_a_name_that_nobody_knows_is_told(refused) -> None:
    env = given(PORTAL_URL="x", PORTAL_ULR="y", OTHER="z")

    assert refused(env.refuse_unknown).startswith("Unknown setting PORTAL_ULR. Known: PORTAL_DATA,")


@pytest.mark.parametrize(
    ("said", "meant"), [("", False), (" ", False), ("no", False), ("0", False), ("True", True)]
)
def test_yes_or_no(said: str, meant: bool) -> None:
    assert given(PORTAL_DEBUG=said).yes_or_no("PORTAL_DEBUG") is meant


def test_maybe_is_neither(refused) -> None:
    env = given(PORTAL_DEBUG="maybe")

    assert refused(env.yes_or_no, "PORTAL_DEBUG") == "PORTAL_DEBUG is 'maybe'. Give yes or no."


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("", []),
        (" 127.0.0.1 ", ["127.0.0.1/32"]),
        ("127.0.0.1, ::1,10.0.0.0/8,", ["127.0.0.1/32", "::1/128", "10.0.0.0/8"]),
    ],
)
def test_the_proxies(said: str, meant: list[str]) -> None:
    assert [str(proxy) for proxy in given(PORTAL_TRUSTED_PROXIES=said).proxies()] == meant


@pytest.mark.parametrize(
    "said",
    ["1", "0", "2", "abc", "proxy.example.org", "10.0.0.1/8", "0.0.0.0/0", "::/0", "1.2.3.4:80"],
)
def test_what_is_no_proxy(refused, said: str) -> None:
    assert refused(given(PORTAL_TRUSTED_PROXIES=said).proxies) == (
        f"PORTAL_TRUSTED_PROXIES is '{said}'. Give the addresses of the proxies before the "
        "portal, or their networks, with commas between them, such as 127.0.0.1 or 10.0.0.0/8. "
        "A number of proxies is no longer enough."
    )


@pytest.mark.parametrize("said", ["", "  "])
def test_a_folder_that_is_not_named_is_the_usual_one(tmp_path: Path, said: str) -> None:
    assert given(PORTAL_DATA=said).folder(default=tmp_path / "var") == tmp_path / "var"
    assert (tmp_path / "var").is_dir()


def test_a_folder_is_made(tmp_path: Path) -> None:
    env = given(PORTAL_DATA=str(tmp_path / "a" / ".." / "b"))

    assert env.folder(default=tmp_path) == tmp_path / "b"
    assert (tmp_path / "b").is_dir()


@pytest.mark.parametrize("below", ["file", "file/folder"])
def test_what_can_be_no_folder(refused, tmp_path: Path, below: str) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / below

    told = refused(given(PORTAL_DATA=str(path)).folder, default=tmp_path)

    assert told.startswith(f"PORTAL_DATA is '{path}', which the portal cannot use (")
    assert told.endswith(" Give a folder that it can write to.")


def test_the_home_of_nobody_is_no_folder(refused, tmp_path: Path) -> None:
    told = refused(given(PORTAL_DATA="~nobody-of-that-name/x").folder, default=tmp_path)

    assert told.startswith("PORTAL_DATA is '~nobody-of-that-name/x', which the portal cannot use (")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("", "http://localhost:8000"),
        ("https://portal.example.org/", "https://portal.example.org"),
        ("HTTPS://portal.example.org:8443", "https://portal.example.org:8443"),
        ("http://127.0.0.1:9", "http://127.0.0.1:9"),
        ("https://[::1]:8443", "https://[::1]:8443"),
    ],
)
def test_the_address_people_use(said: str, meant: str) -> None:
    assert given(PORTAL_URL=said).address(default="http://localhost:8000").geturl() == meant


@pytest.mark.parametrize(
    "said",
    [
        "junk",
        "http://portal.example.org",
        "ftp://portal.example.org",
        "https://",
        "https://portal.example.org/below",
        "https://portal.example.org?x",
        "https://me@portal.example.org",
        "https://por tal.example.org",
        "http://localhost:abc",
        "http://localhost:99999",
        "http://localhost:0",
        "http://localhost:",
        "https://[::1",
    ],
)
def test_what_is_no_address(refused, said: str) -> None:
    told = refused(given(PORTAL_URL=said).address, default="http://localhost:8000")

    assert told.startswith(f"PORTAL_URL is '{said}'. Give the address people use, such as ")


def test_the_host_of_an_address_is_as_requests_name_it() -> None:
    assert host_of(urlsplit("https://[::1]:8443")) == "[::1]"
    assert host_of(urlsplit("https://Portal.example.org")) == "portal.example.org"


def test_more_hosts() -> None:
    assert given(PORTAL_EXTRA_HOSTS="").hosts() == []
    assert given(PORTAL_EXTRA_HOSTS="a.example.org, .b.org,").hosts() == ["a.example.org", ".b.org"]


@pytest.mark.parametrize("said", ["https://a.example.org", "a.example.org:80", "a b"])
def test_what_is_no_host(refused, said: str) -> None:
    told = refused(given(PORTAL_EXTRA_HOSTS=f"b.org,{said}").hosts)

    assert told.startswith(f"PORTAL_EXTRA_HOSTS has '{said}'. Give host names with commas")


def test_a_key_is_as_given_or_the_one_kept(tmp_path: Path) -> None:
    kept = tmp_path / "secret-key"

    assert given(PORTAL_SECRET_KEY=KEY).secret_key(kept=None) == KEY
    assert given(PORTAL_SECRET_KEY="").secret_key(kept=kept) == kept.read_text()


def test_a_key_that_is_short_or_missing(refused, tmp_path: Path) -> None:
    short = given(PORTAL_SECRET_KEY=KEY[1:])

    assert refused(short.secret_key, kept=None) == (
        "PORTAL_SECRET_KEY must have 50 characters or more."
    )
    assert refused(given().secret_key, kept=None) == (
        "Set PORTAL_SECRET_KEY: 50 or more random characters."
    )


def test_keys_that_were_replaced(refused) -> None:
    assert given(PORTAL_OLD_SECRET_KEYS="").old_secret_keys() == []
    two = given(PORTAL_OLD_SECRET_KEYS=f"{KEY}, {KEY}2")
    assert two.old_secret_keys() == [KEY, f"{KEY}2"]
    short = given(PORTAL_OLD_SECRET_KEYS=f"{KEY},secret")
    assert refused(short.old_secret_keys) == (
        "Each key of PORTAL_OLD_SECRET_KEYS must have 50 characters or more."
    )


def test_a_key_that_cannot_be_kept(refused, tmp_path: Path) -> None:
    (tmp_path / "secret-key").mkdir()

    told = refused(given().secret_key, kept=tmp_path / "secret-key")

    assert told.startswith(f"The portal cannot read or make {tmp_path}/secret-key (")


@pytest.mark.parametrize("said", ["", "sqlite:////srv/p@rtal.sqlite3"])
def test_a_file_as_database(said: str) -> None:
    found = given(DATABASE_URL=said).database(default="sqlite:////srv/p@rtal.sqlite3")

    assert (found["ENGINE"], found["NAME"]) == ("django.db.backends.sqlite3", "/srv/p@rtal.sqlite3")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_postgresql_as_database(scheme: str) -> None:
    found = given(DATABASE_URL=f"{scheme}://me:p%2Fw@db:5433/portal").database(default="")

    assert found == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "portal",
        "USER": "me",
        "PASSWORD": "p/w",
        "HOST": "db",
        "PORT": 5433,
    }


@pytest.mark.parametrize(
    ("said", "host", "user"),
    [
        ("postgres:///portal", "", ""),
        ("postgres://me@/portal", "", "me"),
        ("postgres://%2Frun%2Fpostgresql/portal", "/run/postgresql", ""),
        ("postgres:////run/postgresql/portal", "/run/postgresql", ""),
    ],
)
def test_postgresql_through_a_socket(said: str, host: str, user: str) -> None:
    found = given(DATABASE_URL=said).database(default="")

    assert (found["NAME"], found["HOST"], found["USER"]) == ("portal", host, user)


@pytest.mark.parametrize(
    "said",
    [
        "junk",
        "mysql://me:secret@db/portal",
        "sqlite://",
        "sqlite://:memory:",
        "sqlite://var/portal.sqlite3",
        "postgres://me:secret@db",
        "postgres://me:secret@db:abc/portal",
        "postgres://me:secret@db:99999/portal",
        "postgres://me:secret@db:0/portal",
        "postgres://me:12/secret@db/portal",
        "postgres://me:secret@[::1/portal",
    ],
)
def test_what_is_no_database(refused, said: str) -> None:
    told = refused(given(DATABASE_URL=said).database, default="")

    assert told.startswith(
        "DATABASE_URL must be postgres://user:password@host/name, postgres:///name "
    )
    assert "secret" not in told


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("", {}),
        (
            "smtp://mail.example.org",
            SERVER | {"EMAIL_HOST": "mail.example.org", "EMAIL_PORT": 25, "EMAIL_USE_TLS": False},
        ),
        (
            "smtp+tls://mail.example.org",
            SERVER | {"EMAIL_HOST": "mail.example.org", "EMAIL_PORT": 587, "EMAIL_USE_TLS": True},
        ),
        (
            "smtp+tls://me:p%40w@mail.example.org:587",
            {
                "EMAIL_HOST": "mail.example.org",
                "EMAIL_PORT": 587,
                "EMAIL_HOST_USER": "me",
                "EMAIL_HOST_PASSWORD": "p@w",
                "EMAIL_USE_TLS": True,
                "EMAIL_USE_SSL": False,
            },
        ),
    ],
)
def test_the_mail_server(said: str, meant: dict[str, object]) -> None:
    assert given(EMAIL_URL=said).mail_server() == meant


@pytest.mark.parametrize(
    "said",
    [
        "junk",
        "consolemail://",
        "smtp://",
        "smtp://h:abc",
        "smtp://h:99999",
        "smtp://h:0",
        "smtp://[::1",
        "smtp://me:12/secret@h",
        "smtp://me:12#secret@h",
    ],
)
def test_what_is_no_mail_server(refused, said: str) -> None:
    told = refused(given(EMAIL_URL=said).mail_server)

    assert told.startswith("EMAIL_URL must be smtp+tls://user:password@host:587, ")
    assert "secret" not in told


@pytest.mark.parametrize(
    ("name", "value"), [("EMAIL_URL", "smtp://h:abc"), ("PORTAL_DATA", "/etc/passwd")]
)
def test_the_start_stops_with_the_sentence_alone(tmp_path: Path, name: str, value: str) -> None:
    refused = run("setup", "--check", env=new_installation(tmp_path) | {name: value})

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"{name} ")
    assert refused.stderr.count("\n") == 1
