"""The office's pages of persons: looking up, inviting again, settling whose account it is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.core.documents.rendering import unshown
from portal.core.office.pages import OfficePage, ReadOnly, ReadOnlyRows, by, changed_in
from portal.people.attaching_accounts import HasAccount, settle_claim
from portal.people.editing_people import SignInStays, correct_person, enter_person
from portal.people.inviting import invite
from portal.people.models import AccountClaim, Address, ConsentEvent, Invitation, Person, Phone


class PhoneInline(ReadOnlyRows):
    model = Phone


class AddressInline(ReadOnly, admin.StackedInline):
    model = Address


class ConsentInline(ReadOnlyRows):
    model = ConsentEvent
    fields = ["at", "purpose", "granted", "source", "actor_label", "wording"]
    ordering = ["-at", "-pk"]


@admin.register(Person)
class PersonAdmin(OfficePage):
    list_display = ["full_name", "email", "has_account"]
    list_select_related = ["user"]
    search_fields = ["compared_name", "email"]
    fields = ["title", "first_name", "last_name", "email", "purchase_order_number", "user"]
    readonly_fields = ["user"]
    inlines = [PhoneInline, AddressInline, ConsentInline]
    actions = ["send_new_invitation"]
    refusals = (SignInStays,)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def told_with(self, row: Person) -> list[Any]:
        """With what was done to the account."""
        return [row, *filter(None, [row.user])]

    def get_readonly_fields(self, request: HttpRequest, obj: Person | None = None) -> list[str]:
        """With an account the email address is the sign-in, and stays."""
        return [*self.readonly_fields, *(["email"] if obj and obj.email_is_sign_in else [])]

    @admin.display(boolean=True, description="has an account")
    def has_account(self, person: Person) -> bool:
        return person.user_id is not None

    def save_model(self, request: HttpRequest, obj: Person, form: Any, change: bool) -> None:
        if letters := unshown(obj.formal_name):
            warning = (
                f"Invoices show ? for {letters}, because our fonts do not have it. Before you "
                "issue an invoice, write the name in Latin letters as well."
            )
            self.message_user(request, warning, messages.WARNING)
        if not change:
            enter_person(obj, **by(request))
        else:
            correct_person(obj, **by(request), **changed_in(form))

    @admin.action(description="Send a new invitation", permissions=["change"])
    def send_new_invitation(self, request: HttpRequest, people: QuerySet[Person]) -> None:
        sent = invite(people, **by(request))
        self.message_user(request, f"{sent} invited.", messages.SUCCESS)
        passed_over = people.count() - sent
        if passed_over:
            self.message_user(
                request,
                f"{passed_over} not invited: they have an account, have no email address, or "
                "have an address that somebody else signs in with.",
                messages.WARNING,
            )


@admin.register(Invitation)
class InvitationAdmin(ReadOnly, OfficePage):
    list_display = ["person", "email", "sent_at", "expires_at", "used_at", "replaced_at"]
    list_select_related = ["person"]
    list_filter = ["sent_at", "used_at"]
    search_fields = ["email", "person__compared_name"]
    exclude = ["token_hash"]
    ordering = ["-sent_at", "-pk"]


class CandidateField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Person) -> str:
        """Namesakes are told apart by record and address."""
        addresses = "; ".join(str(address) for address in obj.addresses.all())
        return f"{obj.formal_name}, record {obj.pk}: {addresses or 'no postal address'}"


class ClaimForm(forms.ModelForm):
    """Whose account is it? Those who share its address, or nobody known yet."""

    person = CandidateField(
        queryset=Person.objects.none(),
        required=False,
        empty_label="None of these: make a new person",
        widget=forms.RadioSelect,
        label="The account belongs to",
    )

    class Meta:
        model = AccountClaim
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        candidates = Person.objects.with_email(self.instance.user.email).filter(user=None)
        self.fields["person"].queryset = candidates  # type: ignore[attr-defined]


@admin.register(AccountClaim)
class AccountClaimAdmin(OfficePage):
    """Accounts whose address several persons share. Saving settles whose it is."""

    list_display = ["user", "claimed_at"]
    list_select_related = ["user"]
    form = ClaimForm
    refusals = (HasAccount,)
    fields = ["user", "signed_up_as", "claimed_at", "person"]
    readonly_fields = ["user", "signed_up_as", "claimed_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="name typed at sign-up")
    def signed_up_as(self, claim: AccountClaim) -> str:
        return f"{claim.user.signup_first_name} {claim.user.signup_last_name}".strip()

    def save_model(self, request: HttpRequest, obj: AccountClaim, form: Any, change: bool) -> None:
        person = settle_claim(obj, form.cleaned_data["person"], **by(request))
        self.message_user(request, f"The account belongs to {person} now.", messages.SUCCESS)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The history has it; the claim itself is gone."""
        return None
