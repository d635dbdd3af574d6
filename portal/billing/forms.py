"""The form of an invoice's purchase order number."""

from __future__ import annotations

from portal.core.forms.base import PortalForm
from portal.people.fields import PurchaseOrderField


class PurchaseOrderForm(PortalForm):
    number = PurchaseOrderField()

    def __init__(
        self, *args: object, default: str = "", whose: str = "your details", **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)
        hint = "As your organisation gave it to you. It shows on this invoice at once."
        if default:
            hint += f" Leave it empty to use the number in {whose}, {default}."
        self.fields["number"].help_text = hint
