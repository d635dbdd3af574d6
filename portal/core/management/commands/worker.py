"""Do the background work: send mail, and whatever else is due."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from portal.core.background.loop import Loop
from portal.core.machine.commands import PortalCommand
from portal.core.models import OutgoingMail


class Command(PortalCommand):
    help = (
        "Do the background work (mail and so on) until Ctrl-C. With PostgreSQL you can run any "
        "number of workers. With SQLite `portal serve` already does this work, and a second "
        "worker waits."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--parent",
            type=int,
            default=0,
            metavar="PID",
            help="the process to end with (`portal serve` gives its own)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        parent = options["parent"]
        if settings.SQLITE:
            OutgoingMail.objects.exists()  # a database without its tables stops the start
            Loop(parent=parent).run()
            return
        from portal.core.background import tasks
        from portal.core.machine import serving

        if parent:
            serving.end_with(parent)
        tasks.work()
