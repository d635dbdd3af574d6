"""The forms of the events pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.html import format_html

from portal.core.forms.base import PortalForm
from portal.core.forms.widgets import HintedRadioSelect
from portal.events.attending import sessions_for
from portal.events.bookable import DECLARE
from portal.events.models import Kind, RegistrationOption, Session
from portal.events.option_choices import Choice
from portal.events.refusals import SessionsNotOffered, WrongSessions
from portal.people.fields import PurchaseOrderField

READ_MORE = '<a href="{}">Read more about funding, and who is eligible</a>'
ONLINE, IN_A_ROOM = "online", "room"


class Prose(forms.CharField):
    """Several lines. A browser sends two characters for a line's end but counts one: so do we."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if isinstance(text, str) else text


class EventFilters(PortalForm):
    """What to show of the list. All of it is in the address."""

    q = forms.CharField(label="Search", max_length=100, required=False)
    kind = forms.ChoiceField(
        label="Kind", choices=[("", "All kinds"), *Kind.choices], required=False
    )
    where = forms.ChoiceField(
        label="Where",
        choices=[("", "Anywhere"), (ONLINE, "Online"), (IN_A_ROOM, "In a room")],
        required=False,
    )
    since = forms.DateField(
        label="From date",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
    )
    places = forms.BooleanField(label="Only with places", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, use_required_attribute=False, **kwargs)


class RegistrationForm(PortalForm):
    """Option, special requirements, terms; the declaration where an option is funded.

    `wording` stands for the terms and the declaration as shown: who agrees to others than those
    that now hold is shown them again.
    """

    option = forms.ChoiceField(
        label="Registration option",
        widget=HintedRadioSelect,
        error_messages={
            "required": "Choose a registration option",
            "invalid_choice": "Choose one of the registration options that are open to you",
        },
    )
    sessions = forms.TypedMultipleChoiceField(
        label="Sessions",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose sessions of this event"},
    )
    declaration = forms.BooleanField(required=False)
    special_requirements = Prose(
        max_length=1000,
        required=False,
        help_text="Such as access, diet or materials in large print. Up to 1,000 characters.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    agree = forms.BooleanField(
        label="I agree to the terms and conditions",
        error_messages={"required": "Tick the box to agree to the terms and conditions"},
    )
    wording = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        choices: Sequence[Choice],
        declaration: str,
        wording: str,
        sessions: Sequence[Session] = (),
        funding_link: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self._wording = wording
        self._choices = {choice.value: choice for choice in choices}
        self.initial["wording"] = wording
        self.offer(choices)
        self._ask_which(choices, sessions)
        if declaration:
            self.fields["declaration"].label = declaration
            if funding_link:
                self.fields["declaration"].help_text = format_html(READ_MORE, funding_link)
        else:
            del self.fields["declaration"]

    def offer(self, choices: Sequence[Choice]) -> None:
        """Show the options as they are now."""
        option: Any = self.fields["option"]
        option.choices = [(choice.value, choice.label) for choice in choices]
        option.widget.hints = {choice.value: choice.refusal or choice.hint for choice in choices}
        option.widget.disabled = frozenset(c.value for c in choices if c.refusal)

    def _ask_which(self, choices: Sequence[Choice], sessions: Sequence[Session]) -> None:
        """Which sessions, where an option that is open to them lets one choose."""
        is_open = [choice for choice in choices if not choice.refusal or choice.is_full]
        asking = [choice.option for choice in is_open if choice.option.choose]
        if not asking:
            del self.fields["sessions"]
            return
        field: Any = self.fields["sessions"]
        field.choices = [(session.pk, session.when) for session in sessions]
        rules = (f"{option.choose} for “{option.name}”" for option in asking)
        others = " Other options need no choice here." if len(is_open) > len(asking) else ""
        field.help_text = f"Choose {', '.join(rules)}.{others}"

    @property
    def chosen(self) -> RegistrationOption:
        """The option, once the form is valid."""
        return self._choices[self.cleaned_data["option"]].option

    def clean_option(self) -> str:
        """Whether a full option has a place after all is for the act to say."""
        value: str = self.cleaned_data["option"]
        choice = self._choices[value]
        if choice.refusal and not choice.is_full:
            raise forms.ValidationError(choice.refusal)
        return value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "option" in cleaned and self.chosen.is_funded and not cleaned.get("declaration"):
            self.add_error("declaration", DECLARE)  # with the other errors
        if "option" in cleaned and "sessions" in cleaned:
            try:
                sessions_for(self.chosen, cleaned["sessions"])
            except (WrongSessions, SessionsNotOffered) as wrong:
                self.add_error("sessions", str(wrong))
        if cleaned.get("wording") != self._wording:
            typed: Any = self.data.copy()  # type: ignore[attr-defined]
            typed["wording"] = self._wording
            typed.pop("agree", None)
            self.data = typed
            self.add_error(
                "agree",
                "The terms have changed since you opened this page. Read them again, then "
                "agree to them",
            )
        return cleaned


class CheckoutForm(PortalForm):
    """The purchase order number, with what stood in its field before, and what was reviewed."""

    basket = forms.IntegerField(widget=forms.HiddenInput)
    shown = forms.CharField(widget=forms.HiddenInput, required=False)
    reviewed = forms.CharField(widget=forms.HiddenInput)
    purchase_order = PurchaseOrderField()

    def __init__(
        self, *args: Any, own_number: str, typed: Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.initial["purchase_order"] = (typed or {}).get("purchase_order", own_number)
        self.initial["shown"] = own_number
        self.fields["purchase_order"].help_text = (
            format_html(
                "Your details have {}. Another number here is for this order. Leave it empty "
                "to have none on this order.",
                own_number,
            )
            if own_number
            else "If your organisation wants one on the invoice. You can also add it later."
        )
