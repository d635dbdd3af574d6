"""The office's pages of the body, its mail and its history."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import apps
from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst

from portal.core.mail import sending_again
from portal.core.mail.kinds import words_of
from portal.core.models import Body, BodyDetails, HistoryEntry, OutgoingMail
from portal.core.office.administered_pages import AdministeredPage
from portal.core.office.administering import NotAdministrator, ProofNeeded
from portal.core.office.lists import WordedFilter
from portal.core.office.pages import OfficePage, ReadOnly, by
from portal.core.office.requiring_second_step import require_second_step
from portal.core.office.settings_pages import DatedPage, RecordedPage
from portal.core.web.proofs import ask_for_proof, proved_at

SWITCH = "staff_second_step"


def words_of_model(label: str) -> str:
    """“Membership” for membership.Membership; a model that is no more is shown as it was kept."""
    try:
        return capfirst(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return label


@admin.register(Body)
class BodyAdmin(AdministeredPage, RecordedPage):
    """One row: it is made with the first details and never added or deleted here."""

    administered = (SWITCH,)
    fieldsets = [
        (
            "Signing in",
            {
                "fields": [SWITCH],
                "description": (
                    "Only an administrator can change this, and must confirm who they are first."
                ),
            },
        ),
        ("Pages", {"fields": ["legacy_invoices_note"]}),
        ("What is kept", {"fields": ["forget_mail_days"]}),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Body, form: Any, change: bool) -> None:
        """The switch by its own act, which writes its history; the rest as any settings."""
        if self.is_forged(request):
            return self.refuse(request, str(NotAdministrator()))
        if SWITCH in form.changed_data:
            try:
                require_second_step(
                    is_required=obj.staff_second_step,
                    proved_at=proved_at(request.session),
                    **by(request),
                )
            except NotAdministrator as error:
                return self.refuse(request, str(error))
            except ProofNeeded:
                ask_for_proof(request)
            form.changed_data.remove(SWITCH)
        return super().save_model(request, obj, form, change)


@admin.register(BodyDetails)
class BodyDetailsAdmin(DatedPage):
    list_display = ["name", "valid_from", "office_email", "office_phone"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    fieldsets = [
        (None, {"fields": ["valid_from", "name", "short_name", "legal_name"]}),
        ("Numbers", {"fields": ["company_number", "charity_number", "registered_office"]}),
        ("Contacts", {"fields": ["office_email", "office_phone", "website"]}),
        ("Pages", {"fields": ["accent", "welcome", "sign_in_note"]}),
    ]


class KindFilter(WordedFilter):
    def words(self, value: str) -> str:
        return words_of(value)


class ActFilter(WordedFilter):
    """Acts are named in words; here each begins with a capital."""

    def words(self, value: str) -> str:
        return capfirst(value)


class ObjectFilter(WordedFilter):
    def words(self, value: str) -> str:
        return words_of_model(value)


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnly, OfficePage):
    list_display = ["created_at", "sent_at", "given_up_at", "to", "subject"]
    list_filter = [("kind", KindFilter), "sent_at", "given_up_at"]
    search_fields = ["to", "subject"]
    ordering = ["-created_at", "-pk"]
    actions = ["send_again"]
    fields: ClassVar[Any] = [
        "what",
        "to",
        "subject",
        "created_at",
        "priority",
        "due_at",
        "attempts",
        "last_error",
        "sent_at",
        "given_up_at",
        "message_id",
        "attached",
        "words",
    ]
    readonly_fields = fields

    @admin.display(description="kind")
    def what(self, mail: OutgoingMail) -> str:
        return words_of(mail.kind)

    @admin.display(description="attached")
    def attached(self, mail: OutgoingMail) -> str:
        names = [document.filename for document in mail.documents.order_by("pk")]
        return ", ".join([*names, *(["event.ics"] if mail.calendar else [])]) or "Nothing"

    @admin.display(description="words")
    def words(self, mail: OutgoingMail) -> str:
        """Never what the mail says."""
        if mail.is_secret:
            return (
                "They hold a link or code that is for the person alone, so they are not shown here."
            )
        return "They are for the person alone, so they are not shown here."

    @admin.action(description="Send again", permissions=["view"])
    def send_again(self, request: HttpRequest, mails: QuerySet[OutgoingMail]) -> None:
        """Make messages due again. A secret one that has gone has no words left to send."""
        keys = mails.values_list("pk", flat=True)
        done = sending_again.send_again(keys, **by(request))
        if done.again:
            self.message_user(request, f"{done.again} will be sent again.", messages.SUCCESS)
        if done.left_out:
            self.message_user(
                request,
                f"{done.left_out} cannot be sent again: they carried a link or code, or their "
                "words have been deleted since. Send a new message.",
                messages.WARNING,
            )


@admin.register(HistoryEntry)
class HistoryEntryAdmin(ReadOnly, OfficePage):
    list_display = ["at", "what", "object_label", "kind_of_object", "actor_label"]
    list_filter = [("act", ActFilter), ("object_type", ObjectFilter)]
    search_fields = ["object_label", "actor_label", "object_id"]
    date_hierarchy = "at"
    ordering = ["-at", "-pk"]

    @admin.display(description="act", ordering="act")
    def what(self, entry: HistoryEntry) -> str:
        return capfirst(entry.act)

    @admin.display(description="kind of object", ordering="object_type")
    def kind_of_object(self, entry: HistoryEntry) -> str:
        return words_of_model(entry.object_type)
