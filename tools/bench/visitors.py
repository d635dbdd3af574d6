"""Who asks for pages: many at once for the rates, and people who book as a browser does."""

from __future__ import annotations

import http.client
import re
import shutil
import subprocess
import threading
import time
from urllib.parse import urlencode

CONNECTIONS = 4
INPUT = re.compile(r"<input\b[^>]*>")
ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')


def rate(url: str, *, session: str = "", seconds: int = 2) -> tuple[float, int]:
    """Requests per second, and how many there were, over a few connections."""
    cookie = f"portal_session={session}"
    if shutil.which("wrk"):
        return _wrk(url, cookie, seconds)
    return _threads(url, cookie, seconds)


def _wrk(url: str, cookie: str, seconds: int) -> tuple[float, int]:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-H", f"Cookie: {cookie}", url]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"{url} did not always answer:\n{said}")
    count = int(re.search(r"(\d+) requests in", said)[1])  # type: ignore[index]
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]), count  # type: ignore[index]


def _threads(url: str, cookie: str, seconds: int) -> tuple[float, int]:
    host, _, path = url.removeprefix("http://").partition("/")
    end = time.monotonic() + seconds
    counts = [0] * CONNECTIONS

    def ask(number: int) -> None:
        connection = http.client.HTTPConnection(host)
        while time.monotonic() < end:
            connection.request("GET", f"/{path}", headers={"Cookie": cookie})
            response = connection.getresponse()
            response.read()
            if response.status != 200:
                raise RuntimeError(f"{url} answered {response.status}")
            counts[number] += 1

    threads = [threading.Thread(target=ask, args=[number]) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds, sum(counts)


class Visitor:
    """A person with a browser that keeps cookies and its connection; signed in by a session."""

    def __init__(self, port: int, session: str = "") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies = {"portal_session": session} if session else {}
        self.requests = 0

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[str, str]:
        """The page, and where it leads (its Location, or its own path)."""
        headers = {"Cookie": "; ".join(f"{n}={v}" for n, v in self.cookies.items())}
        body = None
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        page = response.read().decode()
        self.requests += 1
        for header in response.headers.get_all("Set-Cookie") or []:
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        if response.status >= 400:
            raise RuntimeError(f"{method} {path}: {response.status}")
        return page, response.headers.get("Location", path)

    def sign_in(self, email: str, password: str) -> None:
        """By the page and its form. Raises RuntimeError where it lets nobody in."""
        page, _ = self.ask("GET", "/sign-in/")
        form = fields(page) | {"login": email, "password": password}
        if self.ask("POST", "/sign-in/", form)[1] != "/":
            raise RuntimeError(f"{email} is not let in")

    def save_responses(self, code: str) -> str:
        """From the event page to the basket; where saving led."""
        event = f"/training-and-events/{code}/"
        self.ask("GET", event)
        page, _ = self.ask("GET", f"{event}registration/")
        form = fields(page) | {"agree": "on"}
        return self.ask("POST", f"{event}registration/", form)[1]

    def check_out(self) -> str:
        """From the basket to the order; where submitting led."""
        self.ask("GET", "/basket/")
        page, _ = self.ask("GET", "/checkout/")
        return self.ask("POST", "/checkout/", fields(page))[1]

    def book(self, code: str) -> str:
        """A whole booking, from the event page to the confirmation; the latter's address."""
        self.save_responses(code)
        confirmation = self.check_out()
        self.ask("GET", confirmation)
        return confirmation


def fields(page: str) -> dict[str, str]:
    """What a browser would send of the main form: hidden and text inputs, the first open radio."""
    form: dict[str, str] = {}
    main = page.partition("<main")[2].partition("</main")[0]
    for tag in INPUT.findall(main):
        found = dict(ATTRIBUTE.findall(tag[6:-1]))
        kind, name = found.get("type", "text"), found.get("name", "")
        if kind == "radio" and name not in form and "disabled" not in found:
            form[name] = found["value"]
        elif kind in {"hidden", "text"}:
            form[name] = found.get("value", "")
    return form
