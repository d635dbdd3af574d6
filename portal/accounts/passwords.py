"""What makes a password good enough, in sentences that say what to do.

Length and being hard to guess count; no rules of digits and signs (NCSC, “Password
administration for system owners”).
"""

from django.contrib.auth import password_validation

HINT = "Use 10 characters or more. Three or four words that only you would put together work well."


class LongEnough(password_validation.MinimumLengthValidator):
    def get_error_message(self) -> str:
        return f"Password must be {self.min_length} characters or more"


class HardToGuess(password_validation.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return "Choose a password that is harder to guess: this one is on lists that thieves try"


class UnlikeTheAccount(password_validation.UserAttributeSimilarityValidator):
    def get_error_message(self) -> str:
        return "Choose a password that is less like your name or email address"
