"""How forms speak: sentences that say what to do, listed in the order of the page."""

from django import forms
from django.http import QueryDict

from portal.core.forms.base import PortalForm
from portal.core.forms.widgets import HintedRadioSelect
from portal.core.text.characters import tidied_form


class ContactForm(PortalForm):
    first_name = forms.CharField(
        label="First name", max_length=5, error_messages={"required": "Enter your first name"}
    )
    email = forms.EmailField(label="Email address", help_text="For the joining link.")
    option = forms.ChoiceField(
        label="Registration option",
        choices=[("member", "Member"), ("guest", "Guest")],
        widget=HintedRadioSelect(
            hints={"member": "With a current membership"}, disabled=frozenset({"guest"})
        ),
    )
    terms = forms.BooleanField(label="I agree")

    def clean(self) -> None:
        self.add_error(None, "This event is now full. Nothing has been ordered.")


def test_declared_sentences_stay_and_the_others_name_the_thing_to_do() -> None:
    form = ContactForm({})

    assert form.error_summary == [
        ("id_first_name", "This event is now full. Nothing has been ordered."),
        ("id_first_name", "Enter your first name"),
        ("id_email", "Enter the email address"),
        ("id_option_0", "Choose the registration option"),
        ("id_terms", "Tick the box “I agree” to go on"),
    ]


def test_what_is_too_long_or_malformed_is_told_with_the_rule() -> None:
    form = ContactForm({"first_name": "Alexandra", "email": "alex", "option": "x", "terms": "on"})

    assert [message for _, message in form.error_summary[1:]] == [
        "First name must be 5 characters or less",
        "Enter an email address in full, such as name@example.org",
        "Choose one of the options for registration option",
    ]


def test_a_field_refers_to_its_hint_and_its_error() -> None:
    drawn = str(ContactForm({"email": "alex"})["email"].as_field_group())

    assert 'aria-describedby="id_email_helptext id_email_error"' in drawn
    assert 'aria-invalid="true"' in drawn
    assert 'id="id_email_helptext"' in drawn
    assert 'id="id_email_error"' in drawn


def test_radios_are_a_fieldset_with_hints_and_options_that_cannot_be_chosen() -> None:
    drawn = str(ContactForm()["option"].as_field_group())

    assert "<fieldset" in drawn
    assert "Registration option</legend>" in drawn
    assert 'aria-describedby="id_option_0_hint"' in drawn
    assert 'id="id_option_0_hint">With a current membership' in drawn
    assert drawn.count("disabled") == 1


def test_what_pasting_leaves_behind_is_taken_away() -> None:
    class Typed(PortalForm):
        number = forms.CharField()
        words = forms.CharField(widget=forms.Textarea)
        password = forms.CharField()

    data = QueryDict(mutable=True)
    data["number"] = "\ufeffPO\x07 7\u202e\u200b\u00ad"
    data["words"] = "one\r\ntwo\x1b"
    data["password"] = "\u202esecret"
    form = Typed(tidied_form(data))  # as each request’s form is (core/web/middleware.py)

    assert form.is_valid()
    assert form.cleaned_data["number"] == "PO 7"
    assert form.cleaned_data["words"] == "one\r\ntwo"
    assert form.cleaned_data["password"] == "\u202esecret"


def test_no_field_of_text_is_without_a_bound() -> None:
    class Boundless(PortalForm):
        words = forms.CharField()
        email = forms.EmailField()
        long_email = forms.EmailField(max_length=1000)
        short_email = forms.EmailField(max_length=30)
        password = forms.CharField(widget=forms.PasswordInput)
        essay = forms.CharField(max_length=1000)

    form = Boundless()

    assert {name: field.max_length for name, field in form.fields.items()} == {
        "words": 250,
        "email": 254,
        "long_email": 254,
        "short_email": 30,
        "password": 4096,
        "essay": 1000,
    }


def test_what_is_hashed_is_counted_in_bytes() -> None:
    class Asking(PortalForm):
        password = forms.CharField(widget=forms.PasswordInput)

    assert Asking({"password": "é" * 2048}).is_valid()
    assert Asking({"password": "é" * 2049}).errors == {
        "password": ["Password must be 4096 characters or less"]
    }
