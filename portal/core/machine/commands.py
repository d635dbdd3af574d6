"""What the portal's own commands share: their help as people call them, refusals in words."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandParser

from portal.core.text.characters import composed


class PortalCommand(BaseCommand):
    """A command of `portal`. What only developers use stays possible, and out of the help.

    Django's checks of the code are `make check`'s: before every command they take a third of its
    start.
    """

    requires_system_checks: list[str] = []
    suppressed_base_arguments = {
        "--version",
        "--verbosity",
        "--settings",
        "--pythonpath",
        "--traceback",
        "--no-color",
        "--force-color",
    }

    def execute(self, *args: Any, **options: Any) -> Any:
        """Text is composed (NFC), as it is wherever it enters."""
        tidy = {name: composed(v) if isinstance(v, str) else v for name, v in options.items()}
        return super().execute(*args, **tidy)

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """The help calls the command as people do: `portal staff add`."""
        return super().create_parser(prog_name, subcommand.replace("_", " "), **kwargs)


def in_words(error: ValidationError) -> str:
    """What is wrong with a row, field by field, for the terminal."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(
        _sentence(name.replace("_", " ").capitalize(), each)
        for name, errors in error.error_dict.items()
        for each in errors
    )


def _sentence(name: str, error: ValidationError) -> str:
    if error.code == "max_length" and error.params:
        return f"{name} must be {error.params['limit_value']} characters or less."
    return f"{name}: {' '.join(error.messages)}"
