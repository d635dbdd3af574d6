"""The settings' values from the environment. Each is read and checked here.

What cannot be right stops the start with a sentence that names the variable and says what is
expected (docs/deploying.md lists them all). An empty value counts as not set. Passwords and keys
are never repeated in a sentence. The settings read this, so nothing here needs Django to be ready.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env

from portal.core.machine import secret_key
from portal.core.web.proxies import Network, read_proxies

KNOWN_VARIABLES = frozenset(
    {
        "PORTAL_URL",
        "PORTAL_DATA",
        "PORTAL_SECRET_KEY",
        "PORTAL_OLD_SECRET_KEYS",
        "PORTAL_TRUSTED_PROXIES",
        "PORTAL_DEBUG",
        "PORTAL_EXTRA_HOSTS",
    }
)
SHORTEST_KEY = 50
IN_MEMORY = ":memory:"  # each process would have its own database
YES = frozenset({"1", "yes", "y", "on", "true", "ok"})
NO = frozenset({"0", "no", "n", "off", "false"})
# What Django answers to: a name or an IPv6 address in brackets.
_HOST = re.compile(r"[a-z0-9.-]*[a-z0-9]\.?|\[[0-9a-f]*:[0-9a-f.:]+\]", re.IGNORECASE)
_DATABASES = frozenset({"sqlite", "postgres", "postgresql", "pgsql", "psql"})
_MAIL = frozenset({"smtp", "smtps", "smtp+tls", "smtp+ssl"})
_SIGNS = "In a password, write / as %2F, # as %23 and @ as %40."


@dataclass(frozen=True)
class Environment:
    """The variables of a start. Every method raises ImproperlyConfigured, with the sentence."""

    values: Mapping[str, str]

    def refuse_unknown(self) -> None:
        """A name of ours that nobody knows is a slip of the pen: what it should set is not set."""
        ours = {name for name in self.values if name.startswith("PORTAL_")}
        if unknown := sorted(ours - KNOWN_VARIABLES):
            raise ImproperlyConfigured(
                f"Unknown setting {', '.join(unknown)}. "
                f"Known: {', '.join(sorted(KNOWN_VARIABLES))}."
            )

    def text(self, name: str) -> str:
        """A value without the blanks around it; "" where it is empty or not set."""
        return self.values.get(name, "").strip()

    def yes_or_no(self, name: str) -> bool:
        """False where it is not set."""
        said = self.text(name).lower()
        if said and said not in YES | NO:
            raise ImproperlyConfigured(f"{name} is {self.text(name)!r}. Give yes or no.")
        return said in YES

    def proxies(self, name: str = "PORTAL_TRUSTED_PROXIES") -> list[Network]:
        """The proxies before the portal by address or network; none where it is not set."""
        try:
            return read_proxies(self.text(name))
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{name} is {self.text(name)!r}. Give the addresses of the proxies before the "
                "portal, or their networks, with commas between them, such as 127.0.0.1 or "
                "10.0.0.0/8. A number of proxies is no longer enough."
            ) from error

    def folder(self, default: Path, name: str = "PORTAL_DATA") -> Path:
        """The folder for what the portal keeps, made where it is not there yet and may be."""
        said = self.text(name) or str(default)
        try:
            path = Path(said).expanduser().resolve()
            if secret_key.may_make or path.exists():
                path.mkdir(parents=True, exist_ok=True)
        except (OSError, RuntimeError) as error:
            raise ImproperlyConfigured(
                f"{name} is {said!r}, which the portal cannot use ({_why(error)}). Give a folder "
                "that it can write to."
            ) from error
        return path

    def address(self, default: str, name: str = "PORTAL_URL") -> SplitResult:
        """Where people find the portal: scheme and host, perhaps a port, and nothing after."""
        said = self.text(name) or default
        wrong = ImproperlyConfigured(
            f"{name} is {said!r}. Give the address people use, such as "
            "https://portal.example.org; plain http is for localhost only."
        )
        try:
            url = urlsplit(said.rstrip("/"))
            port = url.port
        except ValueError as error:
            raise wrong from error
        is_plain = url.geturl() == f"{url.scheme}://{url.netloc}" and "@" not in url.netloc
        is_open = url.scheme == "https" or is_local(url)
        if not (is_plain and is_open and _HOST.fullmatch(host_of(url))):
            raise wrong
        if port == 0 or url.netloc.endswith(":"):
            raise wrong
        return url

    def hosts(self, name: str = "PORTAL_EXTRA_HOSTS") -> list[str]:
        """Host names with commas between them; one that begins with a dot is all below it."""
        said = [host.strip() for host in self.text(name).split(",") if host.strip()]
        for host in said:
            if host != "*" and not _HOST.fullmatch(host):
                raise ImproperlyConfigured(
                    f"{name} has {host!r}. Give host names with commas between them, such as "
                    "www.example.org, without https:// or a port."
                )
        return said

    def secret_key(self, *, kept: Path | None, name: str = "PORTAL_SECRET_KEY") -> str:
        """The key as given, to the letter; else the one in a file, which is made at first.

        kept: that file, on one's own machine; None where the key has to be given.
        """
        given = self.values.get(name, "")
        if given:
            return _long_enough(given, name)
        if kept is None:
            raise ImproperlyConfigured(f"Set {name}: {SHORTEST_KEY} or more random characters.")
        try:
            return _long_enough(secret_key.kept_secret_key(kept), str(kept))
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(
                f"The portal cannot read or make {kept} ({_why(error)}). Set PORTAL_DATA to a "
                "folder that it can write to."
            ) from error

    def old_secret_keys(self, name: str = "PORTAL_OLD_SECRET_KEYS") -> list[str]:
        """Keys that were replaced, the newest first, with commas between them."""
        said = [key.strip() for key in self.text(name).split(",") if key.strip()]
        return [_long_enough(key, f"Each key of {name}") for key in said]

    def database(self, default: str, name: str = "DATABASE_URL") -> dict[str, Any]:
        """A database as Django's DATABASES has it: SQLite or PostgreSQL.

        Without a host, PostgreSQL is asked through its socket on this machine; a host that is a
        folder, written %2Frun%2Fpostgresql, names another socket (as libpq has it).
        """
        said = self.text(name) or default
        try:
            url = urlsplit(said)
            is_file = url.scheme == "sqlite"
            is_known = url.scheme in _DATABASES and not url.netloc.endswith(":0")
            is_known = is_known and not (is_file and url.netloc)
            found: dict[str, Any] = Env.db_url_config(said) if is_known else {}
        except ValueError:
            found = {}
        database = found.get("NAME", "")
        if database in {"", IN_MEMORY} or ("@" in database and not is_file):
            raise ImproperlyConfigured(
                f"{name} must be postgres://user:password@host/name, postgres:///name for a "
                f"database on this machine, or sqlite:///path. {_SIGNS}"
            )
        if not is_file:
            found["HOST"] = unquote(found["HOST"])
        return found

    def mail_server(self, name: str = "EMAIL_URL") -> dict[str, Any]:
        """Django's settings EMAIL_HOST and so on; empty where it is not set."""
        said = self.text(name)
        if not said:
            return {}
        try:
            url = urlsplit(said)
            found: dict[str, Any] = Env.email_url_config(said) if url.scheme in _MAIL else {}
        except ValueError:
            found = {}
        if not found.get("EMAIL_HOST") or found["EMAIL_PORT"] == 0 or _goes_on(url):
            raise ImproperlyConfigured(
                f"{name} must be smtp+tls://user:password@host:587, smtp+ssl://…:465 or "
                f"smtp://host:25. {_SIGNS}"
            )
        return {
            "EMAIL_HOST": found["EMAIL_HOST"],
            "EMAIL_PORT": found["EMAIL_PORT"] or _usual_port(found),
            "EMAIL_HOST_USER": found["EMAIL_HOST_USER"] or "",
            "EMAIL_HOST_PASSWORD": found["EMAIL_HOST_PASSWORD"] or "",
            "EMAIL_USE_TLS": found.get("EMAIL_USE_TLS", False),
            "EMAIL_USE_SSL": found.get("EMAIL_USE_SSL", False),
        }


def is_local(url: SplitResult) -> bool:
    """An address of one's own machine, where plain http will do."""
    return url.scheme == "http" and url.hostname in {"localhost", "127.0.0.1"}


def host_of(url: SplitResult) -> str:
    """The host as a request names it: an IPv6 address keeps its brackets."""
    host = url.hostname or ""
    return f"[{host}]" if ":" in host else host


def _long_enough(key: str, name: str) -> str:
    if key and len(key) < SHORTEST_KEY:
        raise ImproperlyConfigured(f"{name} must have {SHORTEST_KEY} characters or more.")
    return key


def _usual_port(mail: Mapping[str, Any]) -> int:
    """Where a mail server listens: for TLS from the start (RFC 8314), STARTTLS, neither."""
    if mail.get("EMAIL_USE_SSL"):
        return 465
    return 587 if mail.get("EMAIL_USE_TLS") else 25


def _goes_on(url: SplitResult) -> bool:
    """Whether a sign in the password has cut the address short."""
    return bool(url.path.strip("/")) or "@" in url.query + url.fragment


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
