"""Several may sign up with one address before anybody has shown that it is theirs.

Rules:
- A sign-up gives no right to the address and takes none away: while nobody has confirmed it there
  is one account for all, and each browser keeps what was typed in it (name, hash of the password).
- Who confirms the address, with the code that was mailed for their browser, has the account with
  what they typed. So no stranger's sign-up spoils a code, and a double click sends two mails of
  which the newer is for the page that is shown.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.contrib.sessions.backends.base import SessionBase

from portal.accounts.models import User, tidy_email

KEY = "sign_up"


@dataclass(frozen=True)
class SignUp:
    """What was typed in this browser. The password only as its hash."""

    email: str
    password_hash: str
    first_name: str
    last_name: str


def keep_sign_up(session: SessionBase, sign_up: SignUp) -> None:
    """Keep it until the address is confirmed; the newest only."""
    session[KEY] = asdict(sign_up)


def take_sign_up(session: SessionBase, user: User) -> None:
    """Give the account, which nobody had confirmed, what was typed in the browser that did.

    In the caller's transaction. Without any (they signed in with the account's password) it stays.
    """
    kept = session.pop(KEY, None)
    if kept is None or kept["email"] != tidy_email(user.email):
        return
    sign_up = SignUp(**kept)
    user.password = sign_up.password_hash
    user.signup_first_name = sign_up.first_name
    user.signup_last_name = sign_up.last_name
    user.save(update_fields=["password", "signup_first_name", "signup_last_name"])
