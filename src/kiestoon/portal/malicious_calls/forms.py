"""Marking, handing over, closing."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from kiestoon.portal.pages.forms import Form


class MarkForm(Form):
    """For the called person."""

    note = forms.CharField(
        label=_("What happened?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("For example: threatened me; the fifth call this week."),
    )


class HandOverForm(Form):
    """What an authority was given."""

    to_whom = forms.CharField(label=_("Handed over to"), max_length=200)
    reference = forms.CharField(
        label=_("Reference of the request"), max_length=200, help_text=_("The number of the letter or file.")
    )
    what = forms.CharField(
        label=_("What was handed over"), max_length=2000, widget=forms.Textarea({"rows": 3})
    )


class CloseForm(Form):
    """How it ended."""

    outcome = forms.CharField(label=_("How it ended"), max_length=300)
