"""What makes a password good enough, in sentences that say what to do.

Length and being hard to guess count; no rules of digits and signs (NCSC, “Password
administration for system owners”). What is judged is the normal form, as it is hashed (hashing.py).
"""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from portal.accounts.hashing import normal_form

FEWEST_CHARACTERS = 5
HINT = "Use 10 characters or more. Three or four words that only you would put together work well."


class OfNormalForm:
    """For a validator of Django's: it judges the text that is hashed."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError."""
        super().validate(normal_form(password), user)  # type: ignore[misc]


class LongEnough(OfNormalForm, password_validation.MinimumLengthValidator):
    def get_error_message(self) -> str:
        return f"Password must be {self.min_length} characters or more"


class HardToGuess(password_validation.CommonPasswordValidator):
    """On no list that thieves try, nor one of a list again and again; of five characters or more.

    Capital letters and blanks between make nothing harder to guess: they do not count.
    """

    def validate(self, password: str, user: object = None) -> None:  # noqa: ARG002 - Django's
        """Raises ValidationError."""
        bare = "".join(normal_form(password).lower().split())
        if any(part in self.passwords for part in _repeated_parts(bare)):
            raise ValidationError(self.get_error_message(), code="password_too_common")
        if len(set(bare)) < FEWEST_CHARACTERS:
            raise ValidationError(
                f"Choose a password of {FEWEST_CHARACTERS} or more different characters",
                code="password_too_uniform",
            )

    def get_error_message(self) -> str:
        return "Choose a password that is harder to guess. This one is on lists of common passwords"


class UnlikeTheAccount(OfNormalForm, password_validation.UserAttributeSimilarityValidator):
    def get_error_message(self) -> str:
        return "Choose a password that is less like your name or email address"


def _repeated_parts(text: str) -> Iterator[str]:
    """What the text is made of when said once, twice or more often: "abab" of "abab" and "ab"."""
    for times in range(1, len(text) + 1):
        length, rest = divmod(len(text), times)
        if not rest and text[:length] * times == text:
            yield text[:length]
