"""Somebody at a browser: cookies, forms, signing in; from a network address of their own.

All of 127.0.0.0/8 is this machine, so each visitor may come from another address.
"""

from __future__ import annotations

import base64
import hmac
import html
import http.client
import itertools
import re
import struct
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from tools.attack.frame import check_loopback
from tools.attack.mailbox import Mailbox
from tools.attack.sites import Site

PASSWORD = "attack-the-portal-9"
TOKEN = "a" * 32
FIELD = re.compile(r"<(?:input|textarea|select)\b[^>]*>")
ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')
ROW = re.compile(r"<(?:tr|tbody)\b")
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Answer:
    status: int
    page: str
    location: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_refused(self) -> bool:
        """For want of patience: too often."""
        return self.status == 429

    @property
    def to_sign_in(self) -> bool:
        return self.status == 302 and urlsplit(self.location).path.startswith("/sign-in/")


def new_address() -> str:
    """A network address of this machine that nobody has come from in this run."""
    number = next(_numbers)
    return f"127.{20 + number // 62500 % 200}.{number // 250 % 250}.{number % 250 + 2}"


class Visitor:
    """Somebody with cookies. `headers` go with each request; `address`: where they come from."""

    def __init__(
        self,
        site: Site,
        *,
        session: str = "",
        address: str = "",
        headers: Mapping[str, str] | None = None,
        port: int = 0,
        secure: bool = False,
        timeout: float = 30,
    ) -> None:
        self._line: http.client.HTTPConnection | None = None
        self.site, self.port, self.timeout = site, port or site.port, timeout
        self.address = check_loopback(address or new_address())
        self.headers = dict(headers or {})
        self.prefix = "__Host-" if secure else ""
        self.cookies = {f"{self.prefix}portal_csrf": TOKEN}
        if session:
            self.cookies[f"{self.prefix}portal_session"] = session

    @property
    def session(self) -> str:
        return self.cookies.get(f"{self.prefix}portal_session", "")

    def lose_session(self) -> None:
        """As a browser that was closed: what is long-lived stays."""
        self.cookies.pop(f"{self.prefix}portal_session", None)

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        chunked: bool = False,
    ) -> Answer:
        """One request; status 0 where nothing came back."""
        sent = {**self.headers, **(headers or {})}
        sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        for again in (True, False):
            line = self._connect()
            try:
                with suppress(BrokenPipeError, ConnectionResetError):
                    # Refused before all of it was sent: the answer may be there all the same.
                    line.request(method, path, body, sent, encode_chunked=chunked)
                response = line.getresponse()
                page = response.read()
                break
            except (http.client.HTTPException, OSError, ValueError) as error:
                fresh, self._line = self._is_fresh, None
                line.close()
                if fresh or not again:
                    return Answer(0, f"{type(error).__name__}: {error}")
        self._is_fresh = False
        for header in response.headers.get_all("Set-Cookie") or []:
            name, _, value = header.partition(";")[0].partition("=")
            if value in {"", '""'}:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        location = response.headers.get("Location", "")
        return Answer(
            response.status, page.decode(errors="replace"), location, dict(response.headers)
        )

    _is_fresh = True

    def _connect(self) -> http.client.HTTPConnection:
        """The connection that is open, or a new one: a server may close what waits for long."""
        if self._line is None:
            self._line = http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=self.timeout, source_address=(self.address, 0)
            )
            self._is_fresh = True
        return self._line

    def close(self) -> None:
        """Hang up; what is asked after it opens a new line."""
        if self._line is not None:
            self._line.close()
        self._line = None

    def __del__(self) -> None:
        self.close()

    def get(self, path: str, **more: Any) -> Answer:
        return self.ask("GET", path, **more)

    def post(self, path: str, form: Mapping[str, Any] | None = None, **headers: str) -> Answer:
        """Send a form, with the token of this browser."""
        token = self.cookies.get(f"{self.prefix}portal_csrf", TOKEN)
        body = urlencode({"csrfmiddlewaretoken": token, **(form or {})}, doseq=True)
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, body=body, headers=kind | headers)

    def submit(self, path: str, **changes: Any) -> Answer:
        """Open a page, change its main form, send it: what a person does there."""
        page = self.get(path)
        if page.status != 200:
            return page
        return self.post(path, {**form_of(page.page), **changes})

    def follow(self, answer: Answer, hops: int = 5) -> Answer:
        while answer.status in {301, 302, 303} and hops:
            there = urlsplit(answer.location)
            answer = self.get(there.path + (f"?{there.query}" if there.query else ""))
            hops -= 1
        return answer

    # --- Signing in ------------------------------------------------------------------------
    def is_signed_in(self) -> bool:
        """About me opens for who is; who owes a second step is signed in but led to set it up."""
        answer = self.get("/account/")
        return answer.status == 200 or "/account/second-step/" in answer.location

    def enter_password(self, email: str, password: str = PASSWORD) -> Answer:
        return self.post("/sign-in/", {"login": email, "password": password})

    def sign_in(self, email: str, password: str = PASSWORD) -> bool:
        self.enter_password(email, password)
        return self.is_signed_in()

    def ask_for_code(self, email: str) -> Answer:
        return self.post("/sign-in/code/", {"email": email})

    def enter_code(self, code: str) -> Answer:
        return self.post("/sign-in/code/check/", {"code": code})

    def sign_in_by_code(self, email: str, box: Mailbox, *, seconds: float = 8) -> bool:
        before = len(box.mails(email))
        self.ask_for_code(email)
        mail = box.next_to(email, before, seconds=seconds, with_a="code")
        if mail is None:
            return False
        self.enter_code(mail.code)
        return self.is_signed_in()

    # --- Ordering --------------------------------------------------------------------------
    def order(self, event: str) -> str:
        """A whole booking; the address of its confirmation, or "" where it came to none."""
        path = f"/training-and-events/{event}/registration/"
        page = self.get(path)
        if page.status != 200:
            return ""
        saved = self.post(path, {**form_of(page.page), "agree": "on"})
        return self.check_out() if saved.location.endswith("/basket/") else ""

    def check_out(self) -> str:
        page = self.get("/checkout/")
        if page.status != 200:
            return ""
        answer = self.post("/checkout/", form_of(page.page))
        return answer.location if answer.location.startswith("/orders/") else ""


def form_of(page: str) -> dict[str, str]:
    """What a browser would send of the main form: inputs as they stand, the first open radio."""
    form: dict[str, str] = {}
    main = page.partition("<main")[2].partition("</main")[0] or page
    for tag in FIELD.findall(main):
        found = {name: html.unescape(value) for name, value in ATTRIBUTE.findall(tag[1:-1])}
        kind, name = found.get("type", "text"), found.get("name", "")
        if not name or name == "csrfmiddlewaretoken" or "disabled" in found:
            continue
        if kind == "radio":
            if "checked" in found or name not in form:
                form[name] = found.get("value", "on")
        elif kind == "checkbox":
            if "checked" in found:
                form[name] = found.get("value", "on")
        elif kind not in {"submit", "button", "file"} and tag.startswith("<input"):
            form[name] = found.get("value", "")
    return form


@dataclass
class App:
    """An authenticator app. Each code lets in once: the next is of another half minute."""

    secret: str
    used: set[int] = field(default_factory=set)

    def code(self) -> str:
        """A code that counts now and has not been used. Waits where there is none."""
        while True:
            now = int(time.time() // 30)
            for counter in (now, now + 1, now - 1):
                if counter not in self.used:
                    self.used.add(counter)
                    return totp(self.secret, at=counter * 30)
            time.sleep(1)


def totp(secret: str, *, at: float) -> str:
    """What an authenticator app shows at a moment, in seconds since 1970 (RFC 6238)."""
    letters = secret.replace(" ", "").upper()
    key = base64.b32decode(letters + "=" * (-len(letters) % 8))
    counter = int(at // 30)
    digest = hmac.digest(key, struct.pack(">Q", counter), "sha1")
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"
