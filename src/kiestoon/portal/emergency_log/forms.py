"""Who is told of emergency calls."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kiestoon.portal.emergency_log.services import read_addresses
from kiestoon.portal.pages.forms import Form


class ContactForm(Form):
    """Mail addresses, one a line."""

    addresses = forms.CharField(
        label=_("Mail addresses, one a line"),
        required=False,
        widget=forms.Textarea({"rows": 3, "autocapitalize": "none", "spellcheck": "false"}),
    )

    def clean_addresses(self) -> list[str]:
        try:
            return read_addresses(self.cleaned_data["addresses"])
        except ValidationError as error:
            raise ValidationError(error.messages) from error


class ReceptionForm(ContactForm):
    """A customer's wish; off unless it says otherwise."""

    enabled = forms.BooleanField(
        label=_("Tell us when somebody of the company calls 112, 100 or 101"), required=False
    )
    field_order = ["enabled", "addresses"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["addresses"].help_text = _(
            "They learn at once who called, which extension and which floor or room. Your programs too, when "
            "a webhook asks for “Emergency call”. Calls to helplines are never told to anybody."
        )
