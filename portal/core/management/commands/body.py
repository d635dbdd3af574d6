"""Name the body of a new installation."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.utils import timezone

from portal.core.body.first_body import AlreadyFounded, found_body
from portal.core.machine.commands import PortalCommand, in_words


class Command(PortalCommand):
    help = (
        "Name the body that runs a new portal. This is done once: staff make later changes in "
        "the office."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help='such as "Institute of Money Advisers"')
        parser.add_argument("--short-name", required=True, help="such as IMA")
        parser.add_argument("--email", required=True, help="the office's address")
        parser.add_argument("--phone", required=True, help="the office's number")
        parser.add_argument(
            "--address", required=True, help="the registered office, with commas between its lines"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        lines = [line.strip() for line in options["address"].split(",")]
        try:
            details = found_body(
                name=options["name"],
                short_name=options["short_name"],
                office_email=options["email"],
                office_phone=options["phone"],
                registered_office="\n".join(line for line in lines if line),
                actor="portal body",
                at=timezone.now(),
            )
        except AlreadyFounded as error:
            raise CommandError(str(error), returncode=2) from error
        except ValidationError as error:
            raise CommandError(in_words(error), returncode=2) from error
        self.stdout.write(
            f"The portal is now named {details.name}. Next, run `portal staff add EMAIL`. To "
            "see what is still missing, run `portal setup --check`."
        )
