"""Somebody at a portal that runs: pages, forms and mail, as a browser without script has them."""

from __future__ import annotations

import html
import re
import urllib.request
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit

from tests.processes import until

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass
class Page:
    status: int
    path: str
    text: str

    @property
    def heading(self) -> str:
        found = re.search(r"<h1>\s*(.*?)\s*</h1>", self.text, re.S)
        return html.unescape(found[1]) if found else ""


@dataclass
class Visitor:
    """A browser of its own. It follows where pages lead."""

    url: str
    cookies: CookieJar = field(default_factory=CookieJar)

    def __post_init__(self) -> None:
        keeps = urllib.request.HTTPCookieProcessor(self.cookies)
        self._opener = urllib.request.build_opener(keeps)

    def get(self, path: str) -> Page:
        return self._ask(urllib.request.Request(urljoin(self.url, path)))

    def fill(self, page: Page | str, **typed: str) -> Page:
        """Send the form of a page, or of the page at a path, with its token."""
        shown = page if isinstance(page, Page) else self.get(page)
        token = TOKEN.search(shown.text)
        assert token, f"no form at {shown.path}: {shown.heading}"
        sent = urlencode({"csrfmiddlewaretoken": token[1], **typed}).encode()
        return self._ask(urllib.request.Request(urljoin(self.url, shown.path), data=sent))

    def _ask(self, request: urllib.request.Request) -> Page:
        try:
            with self._opener.open(request, timeout=20) as answer:
                return self._page(answer.status, answer.url, answer.read())
        except HTTPError as error:
            with error:
                return self._page(error.code, error.url, error.read())

    def _page(self, status: int, url: str, content: bytes) -> Page:
        parts = urlsplit(url)
        return Page(
            status, f"{parts.path}{'?' if parts.query else ''}{parts.query}", content.decode()
        )


def mailed_link(folder: Path, address: str, subject: str, path: str) -> str:
    """The path of the link in the mail to an address, once it has gone out."""

    def links() -> list[str]:
        found = []
        for file in folder.glob("mail/*.eml"):
            mail = message_from_bytes(file.read_bytes(), policy=policy.default)
            part = mail.get_body(("plain",))
            if mail["To"] == address and subject in str(mail["Subject"]) and part:
                found += re.findall(rf"http://[^/\s]+({path}\S+)", part.get_content())
        return found

    until(links)
    return links()[-1]
