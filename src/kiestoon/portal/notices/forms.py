"""Accepting the notice: by the customer on the page, or recorded by the operator from a signed document."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kiestoon.portal.notices.models import Acceptance
from kiestoon.portal.pages.forms import Form


class AcceptForm(Form):
    """For the customer's administrator."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    language = forms.CharField(widget=forms.HiddenInput, max_length=2)
    agree = forms.BooleanField(
        label=_("I have read this, and accept it for the company"),
        error_messages={"required": _("Tick the box when you have read it.")},
    )

    def accepted(self) -> dict[str, Any]:
        """What services.accept_notice takes, but for who signed."""
        return {"version": self.cleaned_data["version"], "language": self.cleaned_data["language"]}


class SignedForm(Form):
    """For the operator: the customer signed it elsewhere."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    language = forms.CharField(widget=forms.HiddenInput, max_length=2)
    by = forms.CharField(label=_("Name of who signed"), max_length=150)
    document = forms.CharField(
        label=_("Where the signed document is kept"),
        max_length=200,
        help_text=_("A reference with which it is found again."),
    )

    def accepted(self) -> dict[str, Any]:
        """What services.accept_notice takes."""
        given = self.cleaned_data
        return {
            "version": given["version"],
            "language": given["language"],
            "by": given["by"],
            "document": given["document"],
            "how": Acceptance.How.DOCUMENT,
        }
