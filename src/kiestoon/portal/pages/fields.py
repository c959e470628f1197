"""Controls the portal's forms share."""

from __future__ import annotations

from typing import Any

from django import forms


class LinesField(forms.CharField):
    """Several values, one a line; cleaned to a list without empty lines."""

    widget = forms.Textarea(attrs={"rows": 3, "autocapitalize": "none", "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, (list, tuple)) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        for one in value:
            super().run_validators(one)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(list(initial or []) != self.to_python(data))


def telephone(**attributes: str) -> forms.TextInput:
    """A control for a number or an extension: phones show their keypad, which has a star."""
    return forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off", **attributes})


def literal(**attributes: str) -> forms.TextInput:
    """A control for a name of the SIP world: nothing corrects or capitalises it."""
    return forms.TextInput(
        attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false", **attributes}
    )
