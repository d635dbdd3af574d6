"""Billing accounts in the office: the terms of each, and who sees an organisation's account."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.http import HttpRequest

from portal.billing.accounts import ContactRefused, add_contact, remove_contact
from portal.billing.models import AccountContact, BillingAccount
from portal.billing.moving_money_admin import WithMoneyPages
from portal.core.documents.rendering import unshown
from portal.core.office.pages import OfficeInline, by
from portal.core.office.settings_pages import RecordedPage


class ContactInline(OfficeInline):
    """Of an organisation. Whoever is saved here is verified by it."""

    model = AccountContact
    fields: ClassVar[Any] = ["person"]
    autocomplete_fields: ClassVar[Any] = ["person"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Staff delete no rows; but who enters a contact may take them off again, by an act."""
        return self.has_change_permission(request, obj)


@admin.register(BillingAccount)
class BillingAccountAdmin(WithMoneyPages, RecordedPage):
    list_display = ["name", "payment_days", "purchase_order"]
    list_select_related = ("person", "organisation")
    search_fields = ["person__compared_name", "person__email", "organisation__compared_name"]
    autocomplete_fields: ClassVar[Any] = ["person", "organisation"]
    fields: ClassVar[Any] = [
        *("person", "organisation", "payment_days", "address", "purchase_order_number"),
    ]
    ordering = ("pk",)
    refusals = (*RecordedPage.refusals, ContactRefused)
    inlines = [ContactInline]

    @admin.display(description="purchase order number")
    def purchase_order(self, account: BillingAccount) -> str:
        return account.purchase_order_default

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Whose it is stays as it is, and what a person has is in their details."""
        if obj is None:
            return []
        theirs = [] if obj.is_organisation else ["address", "purchase_order_number"]
        return ["person", "organisation", *theirs]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if letters := unshown(f"{obj.name} {obj.address}"):
            warning = f"Invoices show ? for {letters}, because our fonts do not have it."
            self.message_user(request, warning, messages.WARNING)

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        return self.inlines if obj is not None and obj.is_organisation else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Contacts come and go by acts."""
        formset.save(commit=False)  # writes nothing: it finds what is to go
        account = form.instance
        given = by(request)
        for contact in formset.deleted_objects:
            remove_contact(account, person=contact.person, **given)
        for contact, _ in formset.changed_objects:
            before = AccountContact.objects.select_related("person").get(pk=contact.pk)
            remove_contact(account, person=before.person, **given)
            add_contact(account, person=contact.person, **given)
        for contact in formset.new_objects:
            add_contact(account, person=contact.person, **given)
