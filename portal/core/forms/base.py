"""The base of every form: plain wording of errors, and the list that heads a page with errors."""

from typing import NamedTuple, cast

from django import forms

from portal.core.forms.bounds import bound
from portal.core.text.email_address import IN_FULL


class ErrorLink(NamedTuple):
    """One line of the summary: the sentence, and the field that it leads to."""

    field_id: str
    message: str


# What a person does with the field decides the verb of "Enter …".
_CHOOSING = (forms.Select, forms.RadioSelect, forms.CheckboxSelectMultiple)

# Placeholders such as %(limit_value)d are filled in by Django.
_WORDING = {
    "max_length": "{name} must be %(limit_value)d characters or less",
    "min_length": "{name} must be %(limit_value)d characters or more",
    "max_value": "{name} must be %(limit_value)s or less",
    "min_value": "{name} must be %(limit_value)s or more",
    "max_digits": "{name} must have %(max)s digits or fewer",
    "max_decimal_places": "{name} must have %(max)s decimal places or fewer",
    "null_characters_not_allowed": "{name} must not contain hidden characters",
    "invalid_choice": "Choose one of the options for {label}",
    "invalid_list": "Choose one or more of the options for {label}",
    "missing": "The file for {label} did not arrive. Choose it again",
    "empty": "The file for {label} is empty. Choose another one",
}
_MALFORMED: tuple[tuple[type[forms.Field], str], ...] = (
    (forms.EmailField, IN_FULL),
    (forms.DateField, "{name} must be a real date, such as 27/03/2026"),
    (forms.DateTimeField, "{name} must be a real date and time, such as 27/03/2026 14:30"),
    (forms.TimeField, "{name} must be a real time, such as 14:30"),
    (forms.IntegerField, "{name} must be a number, such as 12"),
    (forms.URLField, "Enter a web address in full, such as https://www.example.org"),
    (forms.FileField, "The file for {label} did not arrive. Choose it again"),
)


class PortalFormMixin(forms.BaseForm):
    """For forms that come from elsewhere (allauth, model forms): bounds, wording and summary of
    errors."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name, field in self.fields.items():
            bound(field)
            _reword(field, str(field.label or name.replace("_", " ").capitalize()))
            # A browser would cut what is too long without a word; we say so instead.
            field.widget.attrs.pop("maxlength", None)

    @property
    def error_summary(self) -> list[ErrorLink]:
        """Every error in the order of the page; those of the whole form come first."""
        return summarise(self)


class PortalForm(PortalFormMixin, forms.Form):
    """A form whose messages name the thing to do, even where the form declares none."""


def summarise(form: forms.BaseForm) -> list[ErrorLink]:
    """List a bound form's errors as links to its fields, first those of the form as a whole."""
    whole = [ErrorLink(_first_visible_id(form), str(error)) for error in form.non_field_errors()]
    own = [
        ErrorLink(_target_id(field), str(error))
        for field in form.visible_fields()
        for error in field.errors
    ]
    # A hidden field cannot be mended, but what is wrong with it must not go unsaid.
    hidden = [ErrorLink("", str(error)) for field in form.hidden_fields() for error in field.errors]
    return [*whole, *hidden, *own]


def _first_visible_id(form: forms.BaseForm) -> str:
    fields = form.visible_fields()
    return _target_id(fields[0]) if fields else ""


def _target_id(field: forms.BoundField) -> str:
    """The id of the control itself; of radios and checkboxes, the first one."""
    if isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return f"{field.auto_id}_0"
    return field.id_for_label or field.auto_id


def _reword(field: forms.Field, name: str) -> None:
    """Replace Django's own sentences; whatever a form has declared stays."""
    label = name if name[1:2].isupper() else name[:1].lower() + name[1:]
    sentences = {"required": _required(field, label)} | _WORDING
    for kind, sentence in _MALFORMED:
        if isinstance(field, kind):
            sentences["invalid"] = sentence
            break
    originals = _originals(field)
    for code, sentence in sentences.items():
        # The length and value messages belong to validators, so the field may not list them yet.
        if field.error_messages.get(code) == originals.get(code):
            field.error_messages[code] = sentence.replace("{name}", name).replace("{label}", label)


def _required(field: forms.Field, label: str) -> str:
    if isinstance(field, forms.FileField):
        return f"Choose a file for {label}"
    if isinstance(field.widget, forms.CheckboxInput):
        return f"Tick the box “{field.label}” to go on" if field.label else "Tick the box to go on"
    if isinstance(field.widget, _CHOOSING):
        return f"Choose {_the(label)}"
    return f"Enter {_the(label)}"


def _the(label: str) -> str:
    return label if label.startswith(("your ", "the ", "a ", "an ")) else f"the {label}"


def _originals(field: forms.Field) -> dict[str, object]:
    messages: dict[str, object] = {}
    for kind in reversed(type(field).__mro__):
        messages.update(cast("dict[str, object]", kind.__dict__.get("default_error_messages", {})))
    return messages
