"""What compliance records about counts and redundancy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from kiestoon.portal.pages.forms import Form

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

DAYS = ("%d/%m/%Y", "%Y-%m-%d")


def day(label: StrPromise, *, required: bool = True) -> forms.DateField:
    """A day as people write it."""
    return forms.DateField(
        label=label,
        required=required,
        input_formats=DAYS,
        widget=forms.DateInput(format=DAYS[0], attrs={"autocomplete": "off"}),
        error_messages={"invalid": _("Enter a day, for example 24/11/2026.")},
    )


class ReportForm(Form):
    """The count of a year went to BIPT."""

    year = forms.IntegerField(label=_("Year of the count"))
    reported_on = day(_("Sent on"))
    reference = forms.CharField(
        label=_("Receipt"), max_length=200, help_text=_("Where BIPT’s receipt, or the copy, is kept.")
    )


class TotalForm(Form):
    """The national total of a year."""

    year = forms.IntegerField(label=_("Year of the count"))
    numbers = forms.IntegerField(label=_("Public numbers in Belgium"))
    origin = forms.CharField(
        label=_("Where the figure is from"),
        max_length=300,
        help_text=_("For example: BIPT, status of the electronic communications market, page 12."),
    )
    confirmed = forms.BooleanField(label=_("BIPT gave us this figure itself"), required=False)


class AgreementForm(Form):
    """An agreement with an operator whose redundant system our calls benefit from."""

    partner = forms.CharField(label=_("Operator"), max_length=200)
    document = forms.CharField(label=_("Where the agreement is kept"), max_length=200)
    since = day(_("In force since"))
    until = day(_("Ends on"), required=False)


class NoticeForm(Form):
    """BIPT's notice that the full duty applies."""

    received_on = day(_("Received on"))
    reference = forms.CharField(label=_("Reference of the notice"), max_length=200)
