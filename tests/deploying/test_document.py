"""docs/deploying.md, as far as can be told without a machine to walk it on (`make walk` does)."""

from __future__ import annotations

import argparse
import inspect
import os
import re
import secrets
import shlex
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.management import get_commands, load_command_class
from django.urls import URLResolver, get_resolver, resolve

from portal.cli import COMMANDS
from portal.core.machine.environment import KNOWN_VARIABLES, Environment
from portal.people.models import Person
from tests.processes import ROOT
from tools.walk import document

FILES = document.files()
NGINX = FILES["/etc/nginx/sites-available/portal"]
UNITS = {path: text for path, text in FILES.items() if path.startswith("/etc/systemd/")}
SERVICES = [f"/etc/systemd/system/{name}.service" for name in ("portal", "portal-worker")]
TEXTS = {path.name: path.read_text() for path in [ROOT / "README.md", *ROOT.glob("docs/*.md")]}


def program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if not found:
        pytest.skip(f"There is no {name} on this machine.")
    return found


# --- Commands ------------------------------------------------------------------------------
def commands_of_portal(text: str) -> list[str]:
    """What is said after `portal` in lines of a shell or a unit, or between backticks."""
    lines = text.replace("\\\n", " ").splitlines()
    said = [re.match(r"(?:ExecStart(?:Pre)?=)?(?:\S+/bin/)?portal (.+)", line) for line in lines]
    return [match[1] for match in said if match]


WRITTEN = [words for block in document.shell() for words in commands_of_portal(block.text)]
MENTIONED = sorted(
    {
        " ".join(words.split())
        for text in TEXTS.values()
        for words in re.findall(
            r"`portal\s+([a-z][^`]*)`", re.sub(r"```.*?```", "", text, flags=re.S)
        )
    }
)


def parser_of(words: list[str]) -> tuple[argparse.ArgumentParser, list[str]]:
    """The parser of the command that these words begin with, and the words after its name."""
    for length in (2, 1):
        name = " ".join(words[:length])
        if name in COMMANDS:
            command = COMMANDS[name][0]
            found = load_command_class(get_commands()[command], command)
            return found.create_parser("portal", command), words[length:]
    assert words[0] in get_commands(), f"there is no `portal {words[0]}`"
    found = load_command_class(get_commands()[words[0]], words[0])
    return found.create_parser("portal", words[0]), words[1:]


@pytest.mark.house
@pytest.mark.parametrize("said", WRITTEN)
def test_a_command_is_as_the_portal_takes_it(said: str) -> None:
    parser, words = parser_of(shlex.split(said, comments=True))

    parser.parse_args(words)  # ends the test where it does not


@pytest.mark.house
@pytest.mark.parametrize("said", MENTIONED)
def test_a_command_that_is_mentioned_is_there_with_its_options(said: str) -> None:
    parser, words = parser_of(re.sub(r"[\[\]]", "", said).split())

    known = {option for action in parser._actions for option in action.option_strings}
    assert {word for word in words if word.startswith("--")} - known == set()


@pytest.mark.house
def test_there_are_commands_to_look_at() -> None:
    assert len(WRITTEN) >= 9
    assert len(MENTIONED) >= 6


@pytest.mark.house
def test_no_environment_has_to_be_activated() -> None:
    assert [name for name, text in TEXTS.items() if "bin/activate" in text] == []


@pytest.mark.house
@pytest.mark.parametrize("block", document.shell(), ids=lambda block: f"line-{block.line}")
def test_a_block_is_a_script_that_a_shell_can_read(block: document.Block) -> None:
    read = subprocess.run(
        ["bash", "-n"], input=block.text, capture_output=True, text=True, check=False
    )

    assert (read.returncode, read.stderr) == (0, "")


# --- Settings ------------------------------------------------------------------------------
def variables_that_are_read() -> set[str]:
    """Those that a method of Environment reads unless told otherwise, and those that it knows."""
    methods = [method for _, method in inspect.getmembers(Environment, inspect.isfunction)]
    names = [inspect.signature(method).parameters.get("name") for method in methods]
    return KNOWN_VARIABLES | {
        n.default for n in names if n is not None and n.default is not n.empty
    }


@pytest.mark.house
def test_the_table_has_every_variable_and_no_other() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \|", document.DEPLOYING.read_text(), re.MULTILINE)

    assert sorted(rows) == sorted(variables_that_are_read())


@pytest.mark.house
def test_the_file_of_settings_is_taken(tmp_path: Path) -> None:
    written = FILES["/etc/portal.env"].replace("/var/lib/portal", str(tmp_path))
    key = re.search(r"\$\((python3 .+)\)", written)
    assert key is not None
    made = subprocess.run(shlex.split(key[1]), capture_output=True, text=True, check=True).stdout
    values = dict(line.split("=", 1) for line in written.replace(key[0], made.strip()).splitlines())

    read = subprocess.run(
        [sys.executable, "-c", "import portal.settings"],
        env={"PATH": "/usr/bin:/bin"} | values,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (read.returncode, read.stderr) == (0, "")


# --- Units ---------------------------------------------------------------------------------
def unit(text: str) -> ConfigParser:
    parser = ConfigParser(strict=False, interpolation=None, delimiters=["="])
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return parser


@pytest.mark.house
@pytest.mark.parametrize("path", SERVICES)
def test_a_service_always_comes_back_and_is_shut_off(path: str) -> None:
    read = unit(UNITS[path])

    service = read["Service"]
    assert read["Unit"]["StartLimitIntervalSec"] == "0"
    assert (service["Restart"], service["User"]) == ("always", "portal")
    assert 1 <= int(service["RestartSec"]) <= 10
    assert service["ProtectSystem"] == "strict"
    assert service["ReadWritePaths"] == "/var/lib/portal"
    assert service["CapabilityBoundingSet"] == ""
    assert {service[name] for name in ("NoNewPrivileges", "PrivateTmp", "ProtectHome")} == {"yes"}
    assert read["Install"]["WantedBy"] == "multi-user.target"


@pytest.mark.house
def test_both_services_are_shut_off_alike() -> None:
    one, other = (dict(unit(UNITS[path])["Service"]) for path in SERVICES)

    assert {name for name in one if one[name] != other[name]} == {"ExecStart"}
    assert one.keys() == other.keys()


@pytest.mark.house
@pytest.mark.parametrize("path", sorted(UNITS))
def test_systemd_takes_a_unit(path: str, tmp_path: Path) -> None:
    """All but its program and user, which are not on this machine."""
    analyze = program("systemd-analyze")
    for other, text in UNITS.items():
        text_here = re.sub(r"^ExecStart=.*", "ExecStart=/bin/true", text, flags=re.MULTILINE)
        text_here = re.sub(r"^(User|Group|EnvironmentFile)=.*\n", "", text_here, flags=re.MULTILINE)
        (tmp_path / Path(other).name).write_text(text_here)
    file = tmp_path / Path(path).name

    said = subprocess.run(
        [analyze, "verify", str(file)], capture_output=True, text=True, check=False
    )

    ours = [line for line in (said.stdout + said.stderr).splitlines() if "portal" in line]
    assert ours == []


@pytest.mark.house
@pytest.mark.parametrize("path", SERVICES)
def test_systemd_finds_little_that_a_service_could_reach(path: str, tmp_path: Path) -> None:
    (tmp_path / "portal.service").write_text(UNITS[path])
    words = ["security", "--offline=yes", "--threshold=25", "--no-pager"]

    said = subprocess.run(
        [program("systemd-analyze"), *words, str(tmp_path / "portal.service")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (said.returncode, said.stderr) == (0, ""), said.stdout


# --- nginx ---------------------------------------------------------------------------------
@pytest.mark.house
def test_nginx_of_debian_12_takes_its_file(tmp_path: Path) -> None:
    """1.22 has no `http2 on;`."""
    assert "http2 on" not in NGINX
    assert NGINX.count("ssl http2;") == 2
    nginx = program("nginx")
    made, key = tmp_path / "portal.pem", tmp_path / "portal.key"
    signs = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=portal"]
    subprocess.run(
        [*signs, "-keyout", str(key), "-out", str(made)], check=True, capture_output=True
    )
    text = NGINX.replace("/etc/ssl/certs/portal.pem", str(made))
    text = text.replace("/etc/ssl/private/portal.key", str(key))
    text = text.replace("/var/log/nginx", str(tmp_path))
    file = tmp_path / "nginx.conf"
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "".join(f"{kind}_temp_path {tmp_path}/{kind};\n" for kind in kinds)
    file.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{folders}{text}\n}}\n")

    tested = subprocess.run(
        [nginx, "-t", "-q", "-p", str(tmp_path), "-e", "stderr", "-c", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )

    problems = [line for line in tested.stderr.splitlines() if "test is successful" not in line]
    assert (tested.returncode, problems) == (0, [])


def logged(address: str) -> str:
    """What the log says of an address: the map, first match first, as nginx reads it."""
    rows = re.findall(r'^ +"~(.+)" "(.+)";$', NGINX, re.MULTILINE)
    assert len(rows) == 2
    for pattern, shown in rows:
        if match := re.search(pattern.replace("(?<", "(?P<"), address):
            return re.sub(r"\$(\w+)", lambda name: match[name[1]], shown)
    return address


def addresses_with_keys(patterns: list, name: str = "") -> set[str]:
    """The names of all addresses of which a part is a key."""
    found: set[str] = set()
    for entry in patterns:
        if isinstance(entry, URLResolver):
            below = f"{name}{entry.namespace}:" if entry.namespace else name
            found |= addresses_with_keys(entry.url_patterns, below)
        elif {"token", "key"} & set(entry.pattern.regex.groupindex):
            found.add(f"{name}{entry.name}")
    return found


@pytest.mark.django_db
def test_the_log_has_no_key_of_any_link(alice: Person) -> None:
    assert alice.user is not None
    token = secrets.token_urlsafe(32)  # as an invitation has it
    of_reset = f"{user_pk_to_url_str(alice.user)}-{default_token_generator.make_token(alice.user)}"
    links = {
        "people:invitation": (f"/invitation/{token}/", token),
        "people:new_invitation": (f"/invitation/{token}/renewal/", token),
        "account_reset_password_from_key": (f"/forgotten/{of_reset}/", of_reset),
    }
    assert addresses_with_keys(get_resolver().url_patterns) == set(links)

    for name, (address, key) in links.items():
        assert resolve(address).view_name == name
        for asked in (address, f"{address}?a=b", f"/x{address}", address.replace("-", "%2D")):
            said = logged(asked)
            assert key[5:] not in said
            assert key[-20:] not in said
        assert logged(f"/sign-in/?next={address}") == "/sign-in/?..."


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("/", "/"),
        ("/events/42/book/", "/events/42/book/"),
        ("/brand/112233-0123abcd.css", "/brand/112233-0123abcd.css"),
        ("/static/css/app.0123456789ab.css", "/static/css/app.0123456789ab.css"),
        ("/office/people/person/?q=alice%40example.org", "/office/people/person/?..."),
        (f"/new/{'k' * 34}/", "/new/kkkk..."),
        (f"/new/1-{'%41' * 20}/", "/new/1-%4..."),
    ],
)
def test_the_log_has_addresses_as_they_are(asked: str, said: str) -> None:
    assert logged(asked) == said


@pytest.mark.house
def test_the_log_has_nothing_else_with_an_address_in_it() -> None:
    format_of_log = re.search(r"log_format portal (.+?);\n", NGINX, re.DOTALL)
    assert format_of_log is not None
    named = set(re.findall(r"\$\w+", format_of_log[1]))

    with_addresses = {"$request", "$request_uri", "$uri", "$args", "$query_string", "$is_args"}
    assert named & with_addresses == set()
    assert {name for name in named if name.startswith(("$http_", "$cookie_"))} == {
        "$http_user_agent"
    }
    assert "$address_without_keys" in named
    servers = re.findall(r"^server \{$(.+?)^\}$", NGINX, re.MULTILINE | re.DOTALL)
    assert len(servers) == 2
    # Outside of a server they would only be added to those of nginx.conf.
    logs = [
        "    access_log /var/log/nginx/portal.log portal;",
        "    error_log /dev/null emerg;",
    ]
    for text in servers:
        assert re.findall(r"^.*_log .+;$", text, re.MULTILINE) == logs
    assert len(re.findall(r"^.*_log .+;$", NGINX, re.MULTILINE)) == 2 * len(logs)
