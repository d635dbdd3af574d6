"""Fill an empty database with the demo institute."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import IO, Any, cast

from django.core.management.base import CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import Progress

from portal.core.machine.commands import PortalCommand
from portal.core.models import Body
from portal.demo.loading import NotEmpty, NotLocal, is_empty, load_demo
from portal.demo.people import PASSWORD, TO_TRY


class Command(PortalCommand):
    help = (
        "Fill an empty database with the demo institute: 300 people in 40 organisations, a "
        "year of events, orders and invoices. A database that already has people is left as it "
        "is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing if there are already people"
        )
        parser.add_argument(
            "--tell", action="store_true", help="only list the demo people and their password"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["tell"] and (is_empty() or not options["if_empty"]):
            self._load()
        if Body.objects.filter(is_demo=True).exists():
            self._tell()

    def _load(self) -> None:
        self.stdout.write("Making the demo institute: 300 people and a year of bookings …")
        console = Console(file=cast("IO[str]", self.stdout))
        watched = console.is_terminal
        with Progress(console=console, transient=True, disable=not watched) as bars:
            tasks: dict[str, Any] = {}

            def progress(phase: str, done: int, total: int) -> None:
                if phase not in tasks:
                    tasks[phase] = bars.add_task(phase, total=total)
                bars.update(tasks[phase], completed=done, total=total)

            try:
                load_demo(at=timezone.now(), progress=progress)
            except (NotEmpty, NotLocal) as error:
                raise CommandError(str(error), returncode=2) from error

    def _tell(self) -> None:
        self.stdout.write("The demo institute. Sign in as")
        for email, who in TO_TRY.items():
            self.stdout.write(f"  {email:<21} {who}")
        self.stdout.write(f"each with the password {PASSWORD}")
