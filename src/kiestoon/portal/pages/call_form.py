"""The search of the list of calls: a GET form whose address can be shared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kiestoon.belgium.numbering import call_type, to_e164
from kiestoon.portal.carriers.models import Trunk
from kiestoon.portal.customers.choosing import meant_customer
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.pages.call_rows import directions
from kiestoon.portal.pages.call_search import Criteria
from kiestoon.portal.pages.forms import Form
from kiestoon.portal.people.access import Access
from kiestoon.portal.phones.models import TelephoneUser

MOST_NAMES = 10
_NOT_DIGITS = re.compile(r"[^\d+]")
_ZERO_IN_BRACKETS = re.compile(r"\(\s*0\s*\)")
_LIKE_A_NUMBER = re.compile(r"[\d+*(oO][\d\s+*#()./\-–oO\u00a0]*\Z")


@dataclass(frozen=True)
class Names:
    """Users and customers whose name has the text searched for."""

    users: list[TelephoneUser] = field(default_factory=list)
    customers: list[Customer] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.users) + len(self.customers)


def numbers_meant(text: str) -> tuple[str, ...]:
    """What a number as people write it may stand for: E.164, or short as dialled; () when it is no number.

    >>> numbers_meant("0032 (0)470-12.34/56"), numbers_meant("470 12 34 56"), numbers_meant("112")
    (('+32470123456',), ('+32470123456', '470123456'), ('112',))
    """
    if not _LIKE_A_NUMBER.match(text):
        return ()
    text = text.replace("o", "0").replace("O", "0")
    abroad = text.startswith(("+", "00"))
    digits = _NOT_DIGITS.sub("", _ZERO_IN_BRACKETS.sub("", text) if abroad else text)
    if len(digits.lstrip("+")) < 2 or "+" in digits[1:] or len(digits) > 20:
        return ()
    if number := to_e164(digits):
        return (number,)
    if digits[0] == "1" and len(digits) <= 6:
        return (digits,)
    for guess in (f"+32{digits}", f"+{digits}"):  # without its 0, or without its plus
        if call_type(guess) not in (None, "short"):
            return guess, digits
    return (digits,)


def names_meant(text: str, access: Access) -> Names:
    """Users and customers by any part of their name, users by their SIP name too; at most MOST_NAMES each."""
    users = access.visible(TelephoneUser.objects.select_related("customer"), user="pk")
    by_name = users.filter(name__icontains=text) | users.filter(username=text)
    found = list(by_name.order_by("pk")[: MOST_NAMES + 1])
    customers: list[Customer] = []
    if access.is_operator:
        customers = list(Customer.objects.filter(name__icontains=text).order_by("pk")[: MOST_NAMES + 1])
    return Names(found, customers)


class SearchForm(Form):
    """All fields are optional; what nobody may filter by is not there."""

    q = forms.CharField(
        required=False,
        max_length=200,
        strip=True,
        label=gettext_lazy("Search"),
        help_text=gettext_lazy("A number as you write it, a name, a Call-ID, or our own call number."),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
    )
    period = forms.ChoiceField(required=False, label=gettext_lazy("When"))
    first = forms.DateField(
        required=False,
        label=gettext_lazy("From"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    last = forms.DateField(
        required=False,
        label=gettext_lazy("To and including"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    direction = forms.ChoiceField(required=False, label=gettext_lazy("Direction"))
    result = forms.ChoiceField(required=False, label=gettext_lazy("Result"))
    at_least = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=10_000_000,
        label=gettext_lazy("Talked at least (seconds)"),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    customer = forms.CharField(required=False, max_length=200, label=gettext_lazy("Customer"))
    trunk = forms.ChoiceField(required=False, label=gettext_lazy("Trunk"))
    emergency = forms.ChoiceField(required=False, label=gettext_lazy("Emergency call"))
    user = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, access: Access, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self._access = access
        self.found_user: TelephoneUser | None = None
        self.found_customer: Customer | None = None
        _choices(self.fields["period"], periods())
        _choices(self.fields["direction"], directions())
        _choices(self.fields["result"], results())
        if access.is_operator:
            _choices(
                self.fields["trunk"], dict(Trunk.objects.order_by("name").values_list("trunk_id", "name"))
            )
            _choices(self.fields["emergency"], {"yes": _("Yes"), "no": _("No")})
        else:
            for name in ("customer", "trunk", "emergency"):
                del self.fields[name]

    @property
    def filters(self) -> list[forms.BoundField]:
        """The fields below the search box."""
        return [field for field in self.visible_fields() if field.name != "q"]

    @property
    def is_filtered(self) -> bool:
        """Whether a filter below the search box is set."""
        return any(self.data.get(field.name) for field in self.filters)

    def clean_customer(self) -> str:
        text: str = self.cleaned_data["customer"]
        if text:
            self.found_customer = meant_customer(text, Customer.objects.all())
        return text

    def clean_user(self) -> str:
        text: str = self.cleaned_data["user"]
        if text:
            users = self._access.visible(TelephoneUser.objects.all(), user="pk")
            self.found_user = users.select_related("customer").filter(username=text).first()
            if self.found_user is None:
                raise ValidationError(_("There is no such user."))
        return text

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("first"), data.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day is before the first."))
        if (first or last) and data.get("period") not in ("", "range", None):
            self.add_error("period", _("Choose “From – to” to search between days, or leave the days empty."))
        return data

    def criteria(self, today: date) -> Criteria:
        """Without what the search box says; `today` in Europe/Brussels."""
        data = self.cleaned_data
        first, last = data.get("first"), data.get("last")
        days = {"today": (today, today), "yesterday": (today - timedelta(1), today - timedelta(1))}
        days["7-days"] = (today - timedelta(6), today)
        first, last = days.get(data.get("period") or "", (first, last))
        emergency = data.get("emergency")
        return Criteria(
            user=self.found_user,
            customer_id=self.found_customer.pk if self.found_customer else None,
            since=_midnight(first) if first else None,
            until=_midnight(last + timedelta(1)) if last else None,
            direction=data.get("direction") or "",
            result=data.get("result") or "",
            trunk_id=data.get("trunk") or "",
            emergency=None if not emergency else emergency == "yes",
            at_least_ms=1_000 * (data.get("at_least") or 0),
        )


def periods() -> dict[str, str]:
    return {
        "today": _("Today"),
        "yesterday": _("Yesterday"),
        "7-days": _("Last 7 days"),
        "range": _("From – to"),
    }


def results() -> dict[str, str]:
    """As Search's RESULTS."""
    return {
        "answered": _("Answered"),
        "no-answer": _("No answer"),
        "busy": _("Busy"),
        "refused": _("Refused"),
        "failed": _("Failed"),
    }


def _choices(field: forms.Field, words: Mapping[str, str]) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = [("", _("All")), *words.items()]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_default_timezone())
