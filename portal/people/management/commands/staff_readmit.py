"""Let a locked-out administrator back in."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from portal.accounts.readmitting import NeverSignedIn, NoAdministrator, readmit
from portal.core.machine.commands import PortalCommand
from portal.core.text.email_address import tidy_email
from portal.people.inviting import VALID_FOR, NobodyToInvite, invite_in_person

ACTOR = "portal staff readmit"
BY_HAND = "If mail does not reach them, add --show-link."


class Command(PortalCommand):
    help = (
        "Let the administrator at EMAIL back in when they cannot sign in: they lost their "
        "phone and recovery codes, their account was closed, or somebody took over their "
        "password. This removes their password and second step, signs them out everywhere and "
        "emails them a link to set a new password. The link works once, for a day."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="the address they sign in with")
        parser.add_argument(
            "--show-link",
            action="store_true",
            help=(
                "show the link here instead, if mail does not reach them. Anybody who sees it "
                "can enter the office in their name, so hand it over in person"
            ),
        )

    def handle(self, *_: Any, **options: Any) -> None:
        email = tidy_email(options["email"])
        try:
            self._readmit(email, is_mailed=not options["show_link"])
        except NeverSignedIn as error:
            if not options["show_link"]:
                raise CommandError(f"{error} {BY_HAND}", returncode=2) from error
            self._invite(email)
        except NoAdministrator as error:
            raise CommandError(str(error), returncode=2) from error

    def _readmit(self, email: str, *, is_mailed: bool) -> None:
        url = readmit(email, is_mailed=is_mailed, actor=ACTOR, at=timezone.now())
        if is_mailed:
            self.stdout.write(f"A link to set a new password goes to {email}.")
        else:
            self.stdout.write(
                f"{url}\nHand this link to {email} in person. It lets in anybody who has it."
            )
        self.stdout.write(
            "It works once, for a day. Their old password and second step no longer work, and "
            "they are signed out everywhere."
        )

    def _invite(self, email: str) -> None:
        """They have no password yet: a new invitation instead of the one they never used."""
        try:
            url = invite_in_person(email, actor=ACTOR, at=timezone.now())
        except NobodyToInvite as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(
            f"{url}\nHand this link to {email} in person. It lets in anybody who has it.\nIt is "
            f"a new invitation to set their first password. It works once, for {VALID_FOR.days} "
            "days."
        )
