"""A browser of the plainest kind: it keeps cookies, and trusts one certificate."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

NAME = "portal.example.org"


@dataclass
class Answer:
    """What came back for one request."""

    status: int
    headers: http.client.HTTPMessage
    text: str


@dataclass
class Visitor:
    """One person's browser. `certificate`: that of the site, in PEM."""

    certificate: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, *, host: str = NAME, **headers: str) -> Answer:
        """A page over https, by the name of the site or by another `host`."""
        return self._ask("GET", path, host, headers)

    def post(self, path: str, form: dict[str, str]) -> Answer:
        """Send a form as the page at that address would."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(path).text)
        fields = form | {"csrfmiddlewaretoken": token[1] if token else ""}
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"https://{NAME}",
            "Referer": f"https://{NAME}{path}",
        }
        return self._ask("POST", path, NAME, headers, urlencode(fields))

    def plain(self, path: str, *, port: int = 80, host: str = NAME) -> Answer:
        """A page over http."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", path, headers={"Host": host})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read().decode())
        finally:
            connection.close()

    def is_let_in(self) -> bool:
        """Whether anything answers over https."""
        try:
            return self.get("/").status > 0
        except OSError:
            return False

    def protocol(self) -> str:
        """What the server likes best of HTTP 2 and 1."""
        context = ssl.create_default_context(cadata=self.certificate)
        context.set_alpn_protocols(["h2", "http/1.1"])
        with (
            socket.create_connection(("127.0.0.1", 443), timeout=30) as plain,
            context.wrap_socket(plain, server_hostname=NAME) as secure,
        ):
            return secure.selected_alpn_protocol() or ""

    def _ask(
        self, method: str, path: str, host: str, headers: dict[str, str], body: str | None = None
    ) -> Answer:
        context = ssl.create_default_context(cadata=self.certificate)
        connection = http.client.HTTPSConnection("127.0.0.1", 443, timeout=30)
        plain = socket.create_connection(("127.0.0.1", 443), timeout=30)
        connection.sock = context.wrap_socket(plain, server_hostname=NAME)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            connection.request(method, path, body, {"Host": host, "Cookie": cookie} | headers)
            response = connection.getresponse()
            for said in response.headers.get_all("Set-Cookie", []):
                for name, morsel in SimpleCookie(said).items():
                    self.cookies[name] = morsel.value
            return Answer(response.status, response.headers, response.read().decode())
        finally:
            connection.close()
