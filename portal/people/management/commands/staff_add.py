"""Let a person work in the office."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.utils import timezone

from portal.core.machine.commands import PortalCommand, in_words
from portal.core.text.email_address import check_email, tidy_email
from portal.people.staffing import (
    Added,
    AnothersSignIn,
    NameMissing,
    SeveralPeople,
    add_staff,
)


class Command(PortalCommand):
    help = (
        "Let the person at EMAIL work in the office. If they have no account, they get an "
        "invitation. Running this again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="the person’s email address")
        parser.add_argument(
            "--first-name", default="", help="needed if the portal does not know them yet"
        )
        parser.add_argument(
            "--last-name", default="", help="needed if the portal does not know them yet"
        )
        parser.add_argument(
            "--all",
            action="store_true",
            help=(
                "make them an administrator, who can do everything, including giving and "
                "taking away these rights"
            ),
        )

    def handle(self, *_: Any, **options: Any) -> None:
        email = tidy_email(options["email"])
        try:
            check_email(email)
        except ValidationError as error:
            told = f"“{options['email']}” is not an email address: write it as sam@example.org."
            raise CommandError(told, returncode=2) from error
        try:
            added = add_staff(
                email,
                actor="portal staff add",
                at=timezone.now(),
                first_name=options["first_name"].strip(),
                last_name=options["last_name"].strip(),
                may_do_all=options["all"],
            )
        except (SeveralPeople, AnothersSignIn, NameMissing) as error:
            raise CommandError(str(error), returncode=2) from error
        except ValidationError as error:
            raise CommandError(in_words(error), returncode=2) from error
        self.stdout.write(sentence(added))


def sentence(added: Added) -> str:
    """What has been done, for the terminal."""
    person = added.person
    now = "works in the office now" if added.is_new_staff else "already works in the office"
    if added.is_administrator:
        now += ", as an administrator"
    if added.is_invited:
        then = (
            f"We are sending an invitation to {person.email}, with a link to {settings.PORTAL_URL}."
        )
    elif person.user_id is None:
        then = f"The invitation sent to {person.email} still works."
    elif added.is_new_staff:
        then = "They get an email, and sign in again with their present password."
    else:
        then = "They sign in as before."
    return f"{person.full_name} {now}. {then}"
