"""The words typed into a form that a person would recognise."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django import forms

View = TypeVar("View", bound=Callable[..., Any])


def typed_into(
    form: type[forms.BaseForm], *, binds: bool = False, **in_words: Callable[[str], str | None]
) -> Callable[[View], View]:
    """Says which form a view reads. Stands beneath `person_required`, which shows its fields.

    `binds`: who sends the form is bound by it, as by an order. After a lost session it is never
    sent from a page that shows less than the form's own page: the person comes back to that one,
    which fills in what was typed (`request.typed`).
    `in_words` gives the words for the value of a field whose choices the form alone does not know.
    """

    def mark(view: View) -> View:
        view.typed_into = form  # type: ignore[attr-defined]
        view.binds = binds  # type: ignore[attr-defined]
        view.in_words = in_words  # type: ignore[attr-defined]
        return view

    return mark


def readable(view: Callable[..., Any], fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Label and text of each field that the form of this view shows and that says something.

    Left out are hidden fields, and choices known only by a key that nobody puts in words.
    """
    form: type[forms.BaseForm] | None = getattr(view, "typed_into", None)
    known: dict[str, forms.Field] = form.base_fields if form else {}  # type: ignore[attr-defined]
    in_words: dict[str, Callable[[str], str | None]] = getattr(view, "in_words", {})
    shown = []
    for name, value in fields:
        field = known.get(name)
        if field is None:
            continue
        text = in_words[name](value) if name in in_words else _text(field, value)
        if text is not None:
            shown.append((str(field.label or name.replace("_", " ").capitalize()), text))
    return shown


def _text(field: forms.Field, value: str) -> str | None:
    """The value in words, None where it says nothing to a person."""
    if field.widget.is_hidden or isinstance(field.widget, forms.PasswordInput):
        return None
    if isinstance(field, forms.BooleanField):
        return "Yes"
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        return {str(key): str(words) for key, words in choices}.get(value)
    return value
