"""What the central number database has of each number, corrected by the customer; and how the feed stands."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from kiestoon.belgium.numbering import as_written
from kiestoon.portal.number_database.forms import ListingForm
from kiestoon.portal.number_database.models import Batch, Comparison, Entry, Listing
from kiestoon.portal.number_database.services import change_listing
from kiestoon.portal.number_database.standing import standing
from kiestoon.portal.number_database.truth import incomplete, missing_field, record_of, with_all
from kiestoon.portal.number_database.words import (
    difference_words,
    field_words,
    in_words,
    latest_differences,
    state_of,
)
from kiestoon.portal.numbers.models import Number
from kiestoon.portal.pages.form_page import FormPage, for_change, is_done, sent, show
from kiestoon.portal.pages.paging import page_of
from kiestoon.portal.pages.rooms import access_of, page
from kiestoon.portal.people.access import Access

MOST_SHOWN = 200


@page("directory:read")
def list_directory(request: HttpRequest) -> HttpResponse:
    """Every number of this person's, with what the database has of it."""
    access = access_of(request)
    numbers = _visible(access)
    text = request.GET.get("q", "").strip()
    if text:
        numbers = numbers.filter(e164__contains=text.lstrip("0+").replace(" ", ""))
    found = page_of(request, numbers)
    rows = _rows(list(found.object_list))
    context = {
        "page": found,
        "rows": rows,
        "text": text,
        "query": f"q={text}&" if text else "",
        "is_operator": access.is_operator,
    }
    return render(request, "number_database/directory.html", context)


@page("directory:read")
@transaction.atomic
def directory_number(request: HttpRequest, e164: str) -> HttpResponse:
    """One number: what is there, and what the customer says of it."""
    access = access_of(request)
    number = get_object_or_404(_visible(access), e164=e164)
    may_change = access.may("directory:write")
    if request.method == "POST":
        get_object_or_404(for_change(request, Number.objects.all()), pk=number.pk)
    listing = Listing.objects.filter(number=number).first() or Listing(number=number)
    form = ListingForm(sent(request) if may_change else None, listing=listing)
    who = request.user.get_username()
    if is_done(request, form, lambda given: change_listing(number, who, datetime.now(UTC), **given)):
        messages.success(request, _("Saved. It goes to the central number database with the next feed."))
        return redirect("directory_number", e164)
    number = _visible(access).get(pk=number.pk)
    form_page = FormPage(as_written(e164), _("Save"), reverse("directory"), _("Directory and 112 data"))
    record = record_of(number) if not missing_field(number) else {}
    more = {
        "number": number,
        "facts": [(field_words()[name], in_words(name, value)) for name, value in record.items()],
        "row": _rows([number])[0],
        "listing": listing,
        "may_change": may_change,
    }
    return show(request, form_page, form, "number_database/number.html", **more)


@page("duties:read")
def show_feed(request: HttpRequest) -> HttpResponse:
    """When it was fed, what it refused, what is really there."""
    now = datetime.now(UTC)
    found = standing(now)
    context = {
        "standing": found,
        "batches": Batch.objects.defer("body")[:30],
        "refused": Entry.objects.exclude(error="").order_by("number")[:MOST_SHOWN],
        "differences": [
            (one, difference_words(one.kind), ", ".join(field_words().get(name, name) for name in one.fields))
            for one in (found.comparison.found.all()[:MOST_SHOWN] if found.comparison else ())
        ],
        "incomplete": [(number, field_words().get(name, name)) for number, name in incomplete(MOST_SHOWN)],
        "remarks": Listing.objects.exclude(address_remark="").select_related("number__customer")[:MOST_SHOWN],
        "fields": field_words(),
    }
    return render(request, "number_database/feed.html", context)


@page("duties:read")
def differences_csv(request: HttpRequest) -> HttpResponse:
    """The differences of the newest comparison."""
    comparison = Comparison.objects.first()
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="number-database-differences.csv"'
    writer = csv.writer(response)
    writer.writerow(("compared_at", "number", "kind", "fields"))
    for one in comparison.found.all() if comparison else ():
        assert comparison is not None
        writer.writerow((comparison.at.isoformat(), one.number, one.kind, " ".join(one.fields)))
    return response


def _visible(access: Access) -> QuerySet[Number]:
    return access.visible(with_all(Number.objects.order_by("e164")), user="user_id")


def _rows(numbers: list[Number]) -> list[dict[str, Any]]:
    names = [number.e164 for number in numbers]
    entries = Entry.objects.in_bulk(names)
    different = latest_differences(Comparison.objects.first(), names)
    rows = []
    for number in numbers:
        missing = missing_field(number)
        record = None if missing else record_of(number)
        listing: Listing | None = getattr(number, "listing", None)
        rows.append(
            {
                "number": number,
                "record": record or {},
                "listed": bool(listing and listing.directory),
                "state": state_of(record, missing, entries.get(number.e164), different.get(number.e164)),
            }
        )
    return rows
