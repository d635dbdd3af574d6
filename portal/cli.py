"""The command `portal`: the work of the office and of who runs the machine, in plain words.

Each is a Django management command of the app whose rules it follows; the other commands of
Django (`portal migrate`, `portal check`, …) work too.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable
from typing import NoReturn

from portal.core.machine import secret_key

COMMANDS: dict[str, tuple[str, str]] = {
    "serve": ("serve", "Serve the pages (and, with SQLite, do the background work)"),
    "worker": ("worker", "Do the background work (mail and so on) on its own"),
    "setup": ("setup", "Prepare the database and static files, and list what is still missing"),
    "body": ("body", "Name the body that runs a new portal"),
    "demo": ("demo", "Fill an empty database with the demo institute"),
    "import people": ("import_people", "Import members and customers from a CSV file"),
    "import events": ("import_events", "Import training and events from a CSV file"),
    "invite": ("invite", "Send the invitations that have not been sent yet"),
    "staff add": ("staff_add", "Let a person work in the office"),
    "staff readmit": ("staff_readmit", "Let a locked-out administrator back in"),
    "payment": ("payment", "Record a payment and allocate it to an invoice"),
    "payment receive": ("payment_receive", "Record a payment for one invoice, several or none"),
    "payment allocate": ("payment_allocate", "Settle an invoice with credit, or undo that"),
    "payment reverse": ("payment_reverse", "Record that the bank took a payment back"),
    "payment refund": ("payment_refund", "Record that credit was paid back"),
    "payment write-off": ("payment_write_off", "Write off what is still owed on an invoice"),
    "credit": ("credit", "Issue a credit note for an invoice or some of its lines"),
    "backup": ("backup", "Copy the SQLite database into a file while the portal runs"),
}

HELP = ("-h", "--help")

# They begin a portal in a folder that has none; the others leave it as it is.
BEGIN = ("serve", "setup", "demo")

# How SQLite and PostgreSQL say that a table or column is not there. PostgreSQL says of a role or
# database that it “does not exist” too, but as an OperationalError.
NO_TABLES_SQLITE = ("no such table", "no such column")
NO_TABLES_POSTGRESQL = "does not exist"
# SQLite, of a file that is something else.
NO_DATABASE = ("file is not a database", "file is encrypted or is not a database")


def main(arguments: list[str] | None = None) -> None:
    """Run a command. Exits with 2 where what was given has to be mended first."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in {*HELP, "help"}:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # read by `head`: end without a word
        print(overview())  # noqa: T201
        return
    words = _whole(words)
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management.base import CommandError, SystemCheckError
    from django.db import DatabaseError, InterfaceError

    try:
        _run(words)
    except SystemCheckError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    except CommandError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.returncode)
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    except (DatabaseError, InterfaceError, OSError) as error:
        sentence = _about_machine(error)
        if not sentence:
            raise
        sys.stderr.write(f"{sentence}\n")
        sys.exit(2)


def _whole(words: list[str]) -> list[str]:
    """The words with the name that Django has for the command. Exits with 2 for half a command."""
    group = [name for name in COMMANDS if name.split()[0] == words[0]]
    if len(group) > 1 and (len(words) == 1 or (words[0] not in COMMANDS and words[1] in HELP)):
        _say_which(f"Say which command of `portal {words[0]}` to run.", group)
    for length in (2, 1):
        name = " ".join(words[:length])
        if name in COMMANDS:
            return [COMMANDS[name][0], *words[length:]]
    if group:
        _say_which(f"There is no command “{words[0]} {words[1]}”.", group)
    return words


def _say_which(sentence: str, group: list[str]) -> NoReturn:
    sys.stderr.write(f"{sentence}\n\n{table(group)}\n")
    sys.exit(2)


def _about_machine(error: Exception) -> str:
    """What to do about an error of the database or a file; empty where it is the portal's own."""
    from django.db import DatabaseError, ProgrammingError

    from portal.core.machine.faults import fault_of

    said = str(error).strip()
    if isinstance(error, DatabaseError):
        if any(words in said for words in NO_TABLES_SQLITE) or (
            isinstance(error, ProgrammingError) and NO_TABLES_POSTGRESQL in said
        ):
            from portal.core.machine.data_folder import where

            return (
                f"The database at {where()} is not ready. Run `portal setup`, or check that "
                "this is the right database."
            )
        if any(words in said for words in NO_DATABASE):
            return f"The database file is not an SQLite file. Check DATABASE_URL. {said}"
    fault = fault_of(error)
    return f"{fault.sentence} {said}" if fault else ""


def _run(words: list[str]) -> None:
    """Run a command; `serve` without loading the apps, so that its process stays small.

    A CommandError comes out of it: Django would print its name before the sentence.
    """
    is_ours = words[0] in {command for command, _ in COMMANDS.values()}
    begins = not is_ours or (words[0] in BEGIN and "--check" not in words)
    secret_key.may_make = begins
    if is_ours:
        words = [words[0], "--traceback", *words[1:]]  # first: after “--” all are values
    if words[0] == "serve":
        from portal.core.management.commands.serve import Command

        Command().run_from_argv(["portal", *words])
        return
    import django
    from django.core.management import CommandError, ManagementUtility, get_commands

    django.setup()
    if words[0] not in {*get_commands(), "version", "--version"}:
        raise CommandError(
            f"There is no command “{words[0]}”. For a list, run `portal --help`.", returncode=2
        )
    if not begins and words[0] not in BEGIN and not {"-h", "--help"} & set(words):
        from portal.core.machine.data_folder import no_portal_yet

        if sentence := no_portal_yet():
            raise CommandError(sentence, returncode=2)
    ManagementUtility(["portal", *words]).execute()


def overview() -> str:
    """What the command can do, as `portal --help` prints it."""
    return (
        f"The portal of a professional body.\n\n{table(COMMANDS)}\n\n"
        "Add --help to a command for its "
        "options. Django’s own commands work too, such as\n`portal migrate` or `portal "
        "createcachetable`."
    )


def table(names: Iterable[str]) -> str:
    """These commands, one a line, each with what it does."""
    rows = [(f"  portal {name}", COMMANDS[name][1]) for name in names]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {what}" for name, what in rows)


if __name__ == "__main__":
    main()
