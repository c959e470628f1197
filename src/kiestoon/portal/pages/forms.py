"""How the portal's forms look and speak: one field template, Bootstrap's classes, errors by field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """The templates of `templates/forms/`: label, help, error, control, in that order."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


class Form(forms.Form):
    """A form of the portal. `<form novalidate>`: the server says what is wrong, in the page's language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            widget = field.widget
            if isinstance(widget, (forms.CheckboxInput, forms.CheckboxSelectMultiple, forms.RadioSelect)):
                style = "form-check-input"
            else:
                style = "form-select" if isinstance(widget, forms.Select) else "form-control"
            widget.attrs["class"] = f"{style} {widget.attrs.get('class', '')}".strip()

    def refused(self, error: ValidationError) -> None:
        """Show what a service refused beside the field it names; what names no field of ours on top."""
        by_field = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
        for name, messages in by_field.items():
            self.add_error(name if name in self.fields else None, messages)
