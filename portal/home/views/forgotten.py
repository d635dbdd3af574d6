"""Forgotten username / password?: one page, two ways."""

from __future__ import annotations

from typing import Any

from allauth.account.views import PasswordResetView

from portal.home.forms import LostAddressForm


class ForgottenView(PasswordResetView):
    """allauth's resetting of a password, on the page that also helps who lost the address."""

    template_name = "home/forgotten.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "lost_form": LostAddressForm()}


forgotten = ForgottenView.as_view()
