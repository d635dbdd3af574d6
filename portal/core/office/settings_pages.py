"""Pages of settings: what is saved there is changed by one act, which writes the history."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.forms import BooleanField, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from portal.core.office.changing_rows import (
    HeldSince,
    MustStay,
    add_row,
    change_row,
    check_may_go,
)
from portal.core.office.pages import OfficePage, by, changed_in
from portal.core.rows.dated import DatedRow


class RecordedPage(OfficePage):
    """A page of settings: the history has who set what, and what it was before."""

    refusals: ClassVar[tuple[type[Exception], ...]] = (HeldSince,)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            add_row(obj, **by(request))
            return
        is_correction = bool(form.cleaned_data.get("corrects"))
        changes = changed_in(form)
        change_row(obj, changes=changes, is_correction=is_correction, **by(request))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Settings are deleted one at a time, each with its own question."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions


class DatedForm(ModelForm):
    """The form of a row that holds from a day on.

    Saving one that has held for some days would change what held then: that is for mistakes only,
    and said so.
    """

    corrects = BooleanField(
        required=False,
        label="This corrects a mistake",
        help_text="Tick this to save the row as if it had always been right.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.has_held:
            del self.fields["corrects"]


class DatedPage(RecordedPage):
    """A page of rows that hold from a day on: changed from a day on by “Save as new”.

    What must not be is said by the row (portal/core/rows/dated.py).
    """

    form = DatedForm
    save_as = True
    ordering: ClassVar[Any] = ("-valid_from",)
    how_to_change = (
        "To change something from a certain day, open the latest row, enter that day as “valid "
        "from”, and choose “Save as new”. Anything sent or issued before that day stays as it was."
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """How to change it stands above the first fields."""
        (name, options), *others = super().get_fieldsets(request, obj)
        shown = [field for field in options["fields"] if field != "corrects"]
        first = (name, {**options, "fields": shown, "description": self.how_to_change})
        last = [(None, {"fields": ["corrects"]})] if obj is not None and obj.has_held else []
        return [first, *others, *last]

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The question whether to delete; the row itself where it has to stay."""
        row: DatedRow | None = self.get_object(request, object_id)
        try:
            if row is not None and self.has_delete_permission(request, row):
                check_may_go(row)
            return super().delete_view(request, object_id, extra_context)
        except MustStay as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
            return redirect(reverse(name, args=[object_id]))
