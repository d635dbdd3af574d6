"""Let in an administrator who cannot sign in any more."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from portal.accounts.readmitting import NeverSignedIn, NoAdministrator, readmit
from portal.core.commands import PortalCommand


class Command(PortalCommand):
    help = (
        "Let in the administrator at EMAIL, who cannot sign in any more: phone and recovery codes "
        "lost, account closed, password taken over. Their password and second step are taken "
        "away, their sessions end, and a link to set a new password goes to them by email. It "
        "works once, for a day."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="the address they sign in with")
        parser.add_argument(
            "--show-link",
            action="store_true",
            help="show the link here instead, for when mail does not reach them: whoever sees it "
            "can enter the office in their name, so hand it over in person",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        is_mailed = not options["show_link"]
        try:
            url = readmit(
                options["email"],
                is_mailed=is_mailed,
                actor="portal staff readmit",
                at=timezone.now(),
            )
        except (NoAdministrator, NeverSignedIn) as error:
            raise CommandError(str(error), returncode=2) from error
        email = options["email"].strip().lower()
        if is_mailed:
            self.stdout.write(f"A link to set a new password goes to {email}.")
        else:
            self.stdout.write(f"{url}\nHand this link to {email} in person: it lets in anybody.")
        self.stdout.write(
            "It works once, for a day. Their old password, second step and sessions are gone."
        )
