"""The room Audit log: who did what?"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import make_aware
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kiestoon.portal.audit.listing import rows_of, visible_entries
from kiestoon.portal.pages.forms import Form
from kiestoon.portal.pages.rooms import access_of, page
from kiestoon.portal.people.access import Access
from kiestoon.portal.people.listing import visible_people
from kiestoon.portal.people.models import Person

PER_PAGE = 50


class PeriodForm(Form):
    """Whose entries, of which days."""

    person = forms.CharField(label=_("User name"), required=False, max_length=150)
    first = forms.DateField(label=_("From day"), required=False, widget=forms.DateInput({"type": "date"}))
    last = forms.DateField(label=_("To day"), required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._access = access

    def clean_person(self) -> Person | None:
        name = self.cleaned_data["person"].strip()
        found = visible_people(self._access).filter(username__iexact=name).first() if name else None
        if name and found is None:
            raise ValidationError(gettext("Nobody you may see signs in as “%(name)s”.") % {"name": name})
        return found

    def condition(self) -> Q:
        """What is chosen, as a condition on entries: those a person did, or that were done to them."""
        data, wanted = self.cleaned_data, Q()
        if data["person"]:
            wanted &= Q(person_id=data["person"].pk) | Q(ids__contains={"person_id": data["person"].pk})
        if data["first"]:
            wanted &= Q(at__gte=_midnight(data["first"]))
        if data["last"]:
            wanted &= Q(at__lt=_midnight(data["last"] + timedelta(days=1)))
        return wanted


@page("audit:read")
def list_entries(request: HttpRequest) -> HttpResponse:
    access = access_of(request)
    form = PeriodForm(request.GET, access=access)
    entries = visible_entries(access)
    entries = entries.filter(form.condition()) if form.is_valid() else entries.none()
    found = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    chosen = {name: request.GET[name] for name in form.fields if request.GET.get(name)}
    context = {
        "form": form,
        "page": found,
        "rows": list(rows_of(found.object_list)),
        "query": f"{urlencode(chosen)}&" if chosen else "",
        "is_operator": access.is_operator,
    }
    return render(request, "audit/list.html", context, status=422 if form.errors else 200)


def _midnight(day: date) -> datetime:
    """Where Belgium's day begins."""
    return make_aware(datetime.combine(day, time()))
