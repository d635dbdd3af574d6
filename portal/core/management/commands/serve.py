"""Serve the pages (and, with SQLite, do the background work)."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import CommandError

from portal.core.machine import serving
from portal.core.machine.commands import PortalCommand
from portal.core.machine.local_address import keep_address

DEFAULT_PORT = 8000


class Command(PortalCommand):
    help = (
        "Serve the pages until Ctrl-C. With SQLite this also does the background work (mail "
        "and so on). With PostgreSQL, run `portal worker` as well, or add --with-worker."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address (default: this machine)")
        parser.add_argument(
            "--port", type=_port, help="port (default: the port of PORTAL_URL, or 8000)"
        )
        parser.add_argument(
            "--processes", type=_processes, default=1, help="web processes (default: 1)"
        )
        parser.add_argument(
            "--with-worker", action="store_true", help="also do the background work with PostgreSQL"
        )
        parser.add_argument(
            "--demo",
            action="store_true",
            help="first prepare the database, and fill an empty one with the demo institute",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        port = options["port"] or _port_of_url() or DEFAULT_PORT
        if not os.environ.get("PORTAL_URL", "").strip():
            os.environ["PORTAL_URL"] = f"http://localhost:{port}"
        settings = _settings()
        try:
            serving.check_address(options["host"], port)
        except serving.AddressTaken as error:
            raise CommandError(str(error), returncode=2) from error
        if options["demo"]:
            status = serving.run_to_end(serving.ourselves("setup", "--demo", "--quiet"))
            if status:
                sys.exit(status)
        elif not (settings.STATIC_ROOT / "staticfiles.json").exists() and not settings.DEBUG:
            raise CommandError("Run `portal setup` first.", returncode=2)
        if not settings.LOCAL:
            status = serving.run_to_end(serving.ourselves("setup", "--refuse-demo"))
            if status:
                sys.exit(status)
        worker: list[str] = []
        if settings.SQLITE or options["with_worker"]:
            worker = serving.ourselves("worker", "--parent", str(os.getpid()))
        if settings.LOCAL:
            keep_address(settings.DATA, settings.PORTAL_URL)
        self.stdout.write(f"Open {settings.PORTAL_URL}/  (Ctrl-C stops it)")
        self.stdout.flush()
        status = serving.serve(options["host"], port, processes=options["processes"], worker=worker)
        sys.exit(status)


def _settings() -> Any:
    """The settings, without the apps. Raises CommandError for what cannot be right in them."""
    from portal import settings

    return settings


def _port_of_url() -> int | None:
    """The port of a plain address, which is this machine's; that of https is the proxy's."""
    try:
        address = urlsplit(os.environ.get("PORTAL_URL", ""))
        return address.port if address.scheme == "http" else None
    except ValueError:
        return None


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ArgumentTypeError(f"{text} is not a port: give a number from 1 to 65535")
    return int(text)


def _processes(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 64:
        raise ArgumentTypeError(f"{text} is not a number of processes from 1 to 64")
    return int(text)
