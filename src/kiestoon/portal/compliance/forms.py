"""The forms of requests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kiestoon.portal.calls.models import Call
from kiestoon.portal.compliance.models import IdentityRequest
from kiestoon.portal.pages.forms import Form

MOMENT = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")


class Moment(forms.DateTimeField):
    """A moment in Belgian time."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(format=MOMENT[0], attrs={"autocomplete": "off"})
        super().__init__(input_formats=MOMENT, widget=widget, **kwargs)
        self.error_messages["invalid"] = _("Enter day and time, for example 24/11/2026 14:05:30.")


class RequestForm(Form):
    """Who asks, when, and for which call."""

    asked_by = forms.CharField(label=_("Asked by"), max_length=100, initial="BIPT")
    reference = forms.CharField(
        label=_("Reference of the request"), max_length=100, help_text=_("The number of the letter or file.")
    )
    asked_at = Moment(
        label=_("Asked at"),
        help_text=_("Belgian time, for example 24/11/2026 14:05:30. The 24 hours begin here."),
    )
    call_id = forms.CharField(
        label=_("Call number"),
        required=False,
        max_length=200,
        help_text=_("When it is known; else the number and the moment."),
    )
    number = forms.CharField(label=_("Calling number"), required=False, max_length=40)
    called = forms.CharField(label=_("Called number"), required=False, max_length=40)
    moment = Moment(
        label=_("Moment of the call"),
        required=False,
        help_text=_("Belgian time, as the clock of whoever asks had it."),
    )
    tolerance_seconds = forms.IntegerField(
        label=_("That clock may be off by (seconds)"), min_value=0, max_value=7200, initial=120
    )


class AnswerForm(Form):
    """Which call it was, and what was told."""

    call_id = forms.ChoiceField(label=_("The call"), required=False, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("To whom and how it was told"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For example: by mail to the address in the request."),
    )

    def __init__(self, calls: Iterable[Call], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = [(call.call_id, _named(call)) for call in calls]
        self.fields["call_id"].choices = [*found, ("", gettext("None of these calls"))]  # type: ignore[attr-defined]
        self.initial.setdefault("call_id", found[0][0] if len(found) == 1 else "")


class FoundForm(Form):
    """What BIPT says of the answer."""

    found = forms.ChoiceField(
        label=_("The answer is"),
        widget=forms.RadioSelect,
        choices=[
            (IdentityRequest.Found.INCOMPLETE, _("Incomplete")),
            (IdentityRequest.Found.WRONG, _("Wrong")),
        ],
    )


class BlockForm(Form):
    """The numbers of a user who was not identified."""

    numbers = forms.CharField(
        label=_("Numbers of the user"),
        widget=forms.Textarea(attrs={"rows": 3, "inputmode": "tel"}),
        help_text=_("Every number of this user that you know, one a line: all its calls are blocked."),
    )


def _named(call: Call) -> str:
    at = localtime(call.started_at).strftime("%d/%m/%Y %H:%M:%S")
    return f"{at} · {call.from_number or '–'} → {call.to_number or call.dialled}"
