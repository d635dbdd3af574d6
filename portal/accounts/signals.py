"""What happens to accounts that higher floors act upon. Sent inside the act's transaction."""

from django.dispatch import Signal

# An account's address is shown to be its holder's. Sent by AccountAdapter.confirm_email with
# `user` and `at`.
address_verified = Signal()

# Somebody wants into an account at an address that has none that is confirmed and open. Sent by
# AccountAdapter.send_mail with `email` and `at`; a receiver that has written to the address
# answers True, else the portal tells the address that it has no account.
account_missing = Signal()
