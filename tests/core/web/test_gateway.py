"""What the application has of a request, asked by raw connections at a real server."""

import http.client
import json
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.processes import ROOT, answers, free_port, until

pytestmark = pytest.mark.house


@pytest.fixture(scope="module")
def port():
    port = free_port()
    echo = Path(__file__).with_name("echo.py")
    process = subprocess.Popen(
        [sys.executable, str(echo), str(port)], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}
    )
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}/"))
        yield port
    finally:
        process.terminate()
        process.wait(20)


def ask(port, *lines, start="GET / HTTP/1.1"):
    """The environ of a request with these lines of headers."""
    text = "\r\n".join([start, "Host: portal.example.org", "Connection: close", *lines, "", ""])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as visitor:
        visitor.sendall(text.encode("latin-1"))
        said = b""
        while part := visitor.recv(65536):
            said += part
    return json.loads(said.partition(b"\r\n\r\n")[2])


@pytest.mark.parametrize(
    "lines",
    [
        ["X-Forwarded-For: 198.51.100.1", "X_Forwarded_For: 6.6.6.6"],
        ["X_Forwarded_For: 6.6.6.6", "X-Forwarded-For: 198.51.100.1"],
        ["x_forwarded-for: 6.6.6.6", "X-Forwarded-For: 198.51.100.1", "X-Forwarded_For: 6.6.6.6"],
    ],
)
def test_an_underscore_never_writes_over_what_the_proxy_said(port, lines):
    assert ask(port, *lines)["HTTP_X_FORWARDED_FOR"] == "198.51.100.1"


def test_a_header_with_an_underscore_is_left_out(port):
    seen = ask(port, "X_Forwarded_Proto: https", "Content_Length: 5", "Remote_Addr: 6.6.6.6")

    assert [key for key in seen if "FORWARDED" in key] == []
    assert seen["REMOTE_ADDR"] == "127.0.0.1"
    assert seen.get("CONTENT_LENGTH", "0") == "0"


def test_a_header_that_is_sent_twice_is_joined(port):
    seen = ask(
        port, "X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 7.7.7.7", "Cookie: a=1", "Cookie: b=2"
    )

    assert seen["HTTP_X_FORWARDED_FOR"] == "6.6.6.6,7.7.7.7"
    assert seen["HTTP_COOKIE"] == "a=1; b=2"


def test_a_request_is_as_wsgi_has_it(port):
    seen = ask(port, "Content-Type: text/plain", start="GET /a%20b/%C3%A9/?q=%20x HTTP/1.1")

    expected = {
        "REQUEST_METHOD": "GET",
        "QUERY_STRING": "q=%20x",
        "CONTENT_TYPE": "text/plain",
        "HTTP_HOST": "portal.example.org",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_PORT": str(port),
    }
    assert {key: seen[key] for key in expected} == expected
    assert seen["PATH_INFO"].encode("latin-1").decode() == "/a b/é/"


@pytest.mark.parametrize("path", ["/%ff", "/%00", "/a%2Fb", "//x"])
def test_a_strange_path_is_an_answer(port, path):
    assert ask(port, start=f"GET {path} HTTP/1.1")["PATH_INFO"]


@pytest.mark.parametrize(("path", "read"), [("/", 300_000), ("/unread", 0)])
def test_what_is_sent_is_read_or_left(port, path, read):
    visitor = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        visitor.request("POST", path, body=b"x" * 300_000)
        answer = visitor.getresponse()
        assert (answer.status, json.loads(answer.read())["body"]) == (200, read)
    finally:
        visitor.close()


def test_a_connection_is_used_again(port):
    visitor = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        for size in (0, 5, 300_000, 0):
            visitor.request("POST", "/", body=b"x" * size)
            assert json.loads(visitor.getresponse().read())["body"] == size
    finally:
        visitor.close()


def test_what_is_long_comes_whole(port):
    visitor = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        visitor.request("GET", "/much")
        said = visitor.getresponse().read()
    finally:
        visitor.close()

    assert said == b"".join(b"%08d" % number * 1000 for number in range(1000))


def test_who_announces_and_sends_nothing_keeps_nobody_waiting(port):
    """Each thread could be taken by one of them: here are three for two threads."""
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nlogin=a"
    with ExitStack() as stack:
        for _ in range(3):
            idle = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            idle.sendall(head)

        assert ask(port)["REQUEST_METHOD"] == "GET"


@pytest.mark.parametrize("name", ["Cookie", "X-Forwarded-For"])
def test_a_header_by_which_we_decide_is_refused_where_it_cannot_be_read(port, name):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as visitor:
        visitor.sendall(f"GET / HTTP/1.1\r\nHost: x\r\n{name}: a=caf\u00e9\r\n\r\n".encode())
        said = visitor.recv(65536).decode()

    assert said.startswith("HTTP/1.1 400 ")
    assert f"letters that the portal cannot read ({name.lower()})" in said


def test_one_that_decides_nothing_is_left_out(port):
    assert "HTTP_X_NOTE" not in ask(port, "X-Note: caf\u00e9")
