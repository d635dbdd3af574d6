"""`portal setup` and `portal serve` as whoever looks after the machine runs them."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from portal.core.machine import serving as serving_module
from portal.core.machine.local_address import kept_address
from portal.core.management.commands import serve
from tests.processes import (
    answers,
    children,
    free_port,
    is_free,
    is_gone,
    new_installation,
    run,
    serving,
    until,
    worker_of,
)

pytestmark = [pytest.mark.house, pytest.mark.long]


@pytest.fixture(scope="module")
def env(tmp_path_factory):
    """The environment of a new installation, which `portal setup` has made ready."""
    made = new_installation(tmp_path_factory.mktemp("data"))
    refused = run("serve", "--port", str(free_port()), env=made)
    assert refused.returncode == 2
    assert "Run `portal setup` first" in refused.stderr
    too_early = run("payment", "1", "2.00", "2027-01-31", env=made)
    assert too_early.returncode == 2
    assert too_early.stderr.startswith("There is no database at ")
    done = run("setup", env=made)
    assert done.returncode == 0, done.stderr
    assert "`portal body`" in done.stdout
    return made


@pytest.mark.parametrize(
    "words",
    [
        ("setup", "--check"),
        ("invite",),
        ("worker",),
        ("payment", "1", "2.00", "2027-01-31"),
        ("staff", "add", "a@example.org"),
        ("import", "people", "people.csv"),
        ("backup", "copy.sqlite3"),
    ],
    ids=" ".join,
)
def test_a_folder_whose_name_was_mistyped_is_left_as_it_was(tmp_path, words):
    folder = tmp_path / "no" / "such"
    done = run(*words, env=new_installation(folder), cwd=tmp_path)

    assert done.returncode in {1, 2}
    assert "check that PORTAL_DATA names the right folder" in done.stdout + done.stderr
    assert not folder.parent.exists()


def test_to_check_makes_no_database(tmp_path):
    check = run("setup", "--check", env=new_installation(tmp_path))

    assert check.returncode == 1
    assert check.stdout.startswith(f"Still missing:\n- There is no database at {tmp_path}")
    assert not list(tmp_path.glob("portal.sqlite3*"))


def test_setup_again_changes_nothing_and_check_tells_what_is_missing(env):
    again = run("setup", "--quiet", env=env)
    check = run("setup", "--check", env=env)

    assert (again.returncode, again.stdout) == (0, "")
    assert check.returncode == 1
    assert check.stdout.startswith("Still missing:\n- The body has no name yet")


def test_it_answers_by_both_names_keeps_a_worker_and_ends_with_all_its_processes(env):
    with serving(env) as (process, port):
        assert answers(f"http://localhost:{port}/healthz")
        assert kept_address(Path(env["PORTAL_DATA"])) == f"http://localhost:{port}"
        until(lambda: worker_of(process))
        first = worker_of(process)
        os.kill(first, signal.SIGKILL)
        until(lambda: worker_of(process) not in (None, first))
        started = children(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0

    assert len(started) >= 2
    assert all(is_gone(pid) for pid in started)
    assert not answers(f"http://127.0.0.1:{port}/healthz")


def test_when_it_is_killed_nothing_of_it_is_left(env):
    with serving(env) as (process, _):
        until(lambda: worker_of(process))
        started = children(process.pid)
        process.kill()
        until(lambda: all(is_gone(pid) for pid in started))


class Servers:
    """In the place of the server library: each server lives for so long, then gives up or stops."""

    def __init__(self, *lives):
        self.lives, self.now, self.pauses = list(lives), 0.0, []

    def __call__(self, *_):
        return self

    def serve(self, **_):
        self.now += self.lives.pop(0)
        if self.lives:
            raise SystemExit(1)

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds


@pytest.mark.parametrize(
    ("lives", "status", "pauses"),
    [
        ([3600, 40, 3, 3, 3, 8], 0, [0.1, 0.1, 1, 2, 4]),
        ([3600, 8], 0, [0.1]),
        ([10, 8], 0, [1]),
        ([4, 8], 1, []),
        ([8], 0, []),
    ],
)
def test_a_web_that_gave_up_is_started_again_unless_it_never_served(
    monkeypatch, lives, status, pauses
):
    servers = Servers(*lives)
    monkeypatch.setattr(serving_module, "_server", servers)
    monkeypatch.setattr(serving_module, "time", servers)
    monkeypatch.setattr(serving_module.signal, "signal", lambda *_: None)

    assert serving_module.serve("127.0.0.1", 8000, processes=1) == status
    assert servers.pauses == pauses


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("http://localhost:8123", 8123),
        ("http://localhost", None),
        ("https://portal.example.org:8443", None),
        ("http://localhost:x", None),
    ],
)
def test_only_an_address_of_this_machine_gives_the_port(monkeypatch, url, port):
    monkeypatch.setenv("PORTAL_URL", url)

    assert serve._port_of_url() == port


def test_a_taken_port_is_told(env):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = run("serve", "--port", str(port), env=env)

    assert refused.returncode == 2
    assert f"Port {port} is taken" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("words", [["--port", "0"], ["--port", "http"], ["--processes", "0"]])
def test_a_number_that_cannot_be_right_is_told(env, words):
    refused = run("serve", *words, env=env)

    assert refused.returncode == 2
    assert words[1] in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("words", [["serve"], ["setup"]])
def test_a_setting_that_cannot_be_right_stops_the_start(env, words):
    refused = run(*words, env=env | {"PORTAL_URL": "http://portal.example.org"})

    assert refused.returncode == 2
    assert refused.stderr.startswith("PORTAL_URL is 'http://portal.example.org'.")


@pytest.mark.parametrize("words", [["serve"], ["setup"]])
def test_a_public_address_without_a_proxy_stops_the_start(env, words):
    """TLS ends before the portal: told of no proxy, it would send every visitor round for ever."""
    public = {"PORTAL_URL": "https://portal.example.org", "PORTAL_SECRET_KEY": "k" * 60}

    refused = run(*words, env=env | public)

    assert refused.returncode == 2
    assert refused.stderr.startswith("Set PORTAL_TRUSTED_PROXIES to the address of the proxy")


@pytest.mark.parametrize("seconds", [0.25, 0.45, 0.7])
def test_stopped_just_after_its_start_it_ends_at_once(env, seconds):
    """A web process that is still loading has nobody who would hear a stop but by default."""
    port = free_port()
    command = [sys.executable, "-m", "portal", "serve", "--port", str(port), "--processes", "2"]
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(seconds)
    started = children(process.pid)

    process.terminate()
    process.wait(5)

    assert all(is_gone(pid) for pid in started)
    assert is_free(port)


def test_killed_while_a_child_starts_again_it_leaves_the_port_free_soon(env):
    with serving(env, "--processes", "2") as (process, port):
        web = {pid for pid, words in children(process.pid).items() if " worker " not in words}
        killed = max(web)
        os.kill(killed, signal.SIGKILL)
        until(lambda: {p for p, w in children(process.pid).items() if " worker " not in w} - web)
        started = children(process.pid)
        process.kill()
        process.wait()
        until(lambda: is_free(port) and all(is_gone(pid) for pid in started), seconds=4)


def status_of(port, *lines):
    """The status of the front page for a request with these lines of headers, to the letter."""
    text = "\r\n".join(["GET / HTTP/1.1", "Host: portal.example.org", *lines, "", ""])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as visitor:
        visitor.sendall(text.encode())
        return int(visitor.recv(100).split()[1])


@pytest.mark.parametrize(
    ("proxies", "statuses"), [("127.0.0.1", [301, 503, 301, 301]), ("192.0.2.7", [301] * 4)]
)
def test_only_a_named_proxy_says_that_a_visitor_came_by_tls(env, proxies, statuses):
    """503: the page, of a portal without a body. 301: to https."""
    public = {
        "PORTAL_URL": "https://portal.example.org",
        "PORTAL_SECRET_KEY": "k" * 60,
        "PORTAL_TRUSTED_PROXIES": proxies,
        "PORTAL_EXTRA_HOSTS": "127.0.0.1",
    }
    with serving(env | public) as (_, port):
        asked = [
            status_of(port),
            status_of(port, "X-Forwarded-Proto: https"),
            status_of(port, "X_Forwarded_Proto: https"),
            status_of(port, "X-Forwarded-Proto: http", "X_Forwarded_Proto: https"),
        ]

    assert asked == statuses


def _raw(port, head, body=()):
    """The status and the last of what a server answers to what no browser would send."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as browser:
        with suppress(OSError):  # it hangs up on what it does not want
            browser.sendall(head.format(port=port).encode(), socket.MSG_NOSIGNAL)
            for part in body:
                browser.sendall(part, socket.MSG_NOSIGNAL)
        got = b""
        with suppress(OSError):
            while b"\n\r\n" not in got[-9:] and (more := browser.recv(65536)):
                got += more
    return int(got.split(b" ", 2)[1]), got.decode("latin-1")


def _memory(pids):
    """Most that these processes have held, in MB."""
    return sum(
        int(line.split()[1]) // 1024
        for one in pids
        for line in Path(f"/proc/{one}/status").read_text().splitlines()
        if line.startswith("VmHWM")
    )


def test_what_is_far_too_much_is_refused_and_not_kept_by_the_real_server(env):
    post = "POST /sign-in/ HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n"
    form = post + "Content-Type: application/x-www-form-urlencoded\r\n"
    get = "GET /{} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n{}\r\n"
    piece = b"10000\r\n" + b"a" * 65536 + b"\r\n"
    with serving(env) as (process, port):
        web = {process.pid, *children(process.pid)} - {worker_of(process)}
        before = _memory(web)
        chunked = _raw(port, form + "Transfer-Encoding: chunked\r\n\r\n", [piece] * 1000)
        announced = _raw(port, form + "Content-Length: 99999999\r\n\r\n", [b"a" * 65536] * 1000)
        held = _memory(web) - before
        long = _raw(port, get.replace("{}", "a" * 8100, 1).replace("{}", "", 1))
        header = _raw(port, get.replace("{}", "", 1).replace("{}", f"X: {'a' * 8100}\r\n", 1))
        endless = _raw(port, get.replace("{}", "a" * 99_000, 1).replace("{}", "", 1))
        many = "".join(f"X-{n}: {'a' * 5000}\r\n" for n in range(20))
        heads = _raw(port, get.replace("{}", "", 1).replace("{}", many, 1))
        fine = _raw(port, get.replace("{}", "healthz", 1).replace("{}", "", 1))

    assert (chunked[0], "needs a Content-Length" in chunked[1]) == (411, True)
    assert (announced[0], "more than the portal accepts" in announced[1]) == (413, True)
    assert (long[0], "address is too long" in long[1]) == (414, True)
    assert (header[0], "sent too much" in header[1]) == (431, True)
    assert (endless[0], heads[0], fine[0]) == (414, 431, 200)
    assert held < 20
