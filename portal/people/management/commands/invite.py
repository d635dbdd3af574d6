"""Send the invitations that have not been sent yet."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from portal.core.machine.commands import PortalCommand
from portal.core.text.email_address import tidy_email
from portal.people.inviting import AlreadyInviting, invite, send_due_invitations
from portal.people.models import Person, PersonQuerySet

ACTOR = "portal invite"
SHOWN = 10  # of those who are named


class Command(PortalCommand):
    help = (
        "Email an invitation to everybody who has an email address but no account, and has not "
        "been invited at that address yet. Each person is invited once, however often you run "
        "this. The link works for 14 days."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", metavar="ADDRESS", help="invite only this person")
        parser.add_argument(
            "--again",
            action="store_true",
            help="with --email: send a new link even if one was sent before",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        if options["email"] is None:
            if options["again"]:
                raise CommandError(
                    "--again needs --email, to say who gets a new link.", returncode=2
                )
            self._invite_all()
            return
        email = tidy_email(options["email"])
        if not email:
            raise CommandError(
                "Give an address after --email, or leave --email out to invite everybody.",
                returncode=2,
            )
        self._invite_one(email, again=options["again"])

    def _invite_all(self) -> None:
        sent = self._send("")
        if sent:
            people = "person" if sent == 1 else "people"
            self.stdout.write(f"{sent:,} {people} invited, with links to {settings.PORTAL_URL}.")
        else:
            self.stdout.write("Everybody has been invited.")
        self._tell_of_shared(Person.objects.at_anothers_sign_in())

    def _invite_one(self, email: str, *, again: bool) -> None:
        people = Person.objects.with_email(email)
        if not people:
            raise CommandError(f"Nobody has the address {email}.", returncode=2)
        without_account = people.filter(user=None)
        if not without_account:
            self.stdout.write(f"{email} already has an account.")
        elif not without_account.invitable():
            self._tell_of_shared(without_account)
        elif again:
            invite(without_account, actor=ACTOR, at=timezone.now())
            self.stdout.write(f"{email} has been sent a new link.")
        elif self._send(email):
            self.stdout.write(f"{email} has been invited.")
        else:
            self.stdout.write(f"{email} was invited before. To send a new link, add --again.")

    def _tell_of_shared(self, people: PersonQuerySet) -> None:
        """Who is not invited because the address is another's; the office has to part them."""
        count = people.count()
        if not count:
            return
        shown = [f"  {person.full_name}, {person.email}" for person in people[:SHOWN]]
        if count > SHOWN:
            shown.append(f"  and {count - SHOWN:,} more")
        is_are = "person was" if count == 1 else "people were"
        self.stdout.write(
            f"{count:,} {is_are} not invited, because somebody else signs in with the address "
            "the office has for them. In the office, give each person their own address, then "
            "run this again:\n" + "\n".join(shown)
        )

    def _send(self, email: str) -> int:
        columns = TextColumn("Inviting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        console = Console(stderr=True)
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task("Inviting", total=None)
            try:
                return send_due_invitations(
                    actor=ACTOR,
                    at=timezone.now(),
                    email=email,
                    on_progress=lambda done, total: progress.update(
                        task, completed=done, total=total
                    ),
                )
            except AlreadyInviting as error:
                raise CommandError(str(error)) from error
