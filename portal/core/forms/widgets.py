"""Widgets that Django does not have."""

from collections.abc import Mapping
from typing import Any

from django import forms


class HintedRadioSelect(forms.RadioSelect):
    """Radios with a line of explanation under a label, and options that cannot be chosen now.

    `hints` and `disabled` name options by their value, as text. A form sets them on the widget
    when it knows them: `form.fields["option"].widget.hints = {...}`.
    """

    def __init__(
        self,
        attrs: dict[str, Any] | None = None,
        choices: Any = (),
        *,
        hints: Mapping[str, str] | None = None,
        disabled: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(attrs, choices)
        self.hints: Mapping[str, str] = hints or {}
        self.disabled = disabled

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the hint to what the template draws, and point the radio at it."""
        option = super().create_option(name, value, *args, **kwargs)
        hint = self.hints.get(str(value))
        if hint:
            option["hint"] = hint
            if "id" in option["attrs"]:
                option["attrs"]["aria-describedby"] = f"{option['attrs']['id']}_hint"
        if str(value) in self.disabled:
            option["attrs"]["disabled"] = True
        return option
