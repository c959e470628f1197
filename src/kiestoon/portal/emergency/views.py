"""The room of emergency locations, one device, and the page behind a mailed link."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from kiestoon.portal.audit.services import record
from kiestoon.portal.customers.civic import civic_words
from kiestoon.portal.customers.forms import given_address
from kiestoon.portal.emergency.choices import choices, chosen
from kiestoon.portal.emergency.forms import AskedPlaceForm, PlaceForm
from kiestoon.portal.emergency.locations import DeviceRow, device_rows, fixed_rows, visible_devices
from kiestoon.portal.emergency.mailing import read_token
from kiestoon.portal.emergency.models import Device, LocationQuestion, Place, State
from kiestoon.portal.emergency.sayers import sayer
from kiestoon.portal.emergency.services import Sayer, say_place
from kiestoon.portal.emergency.words import asked_words, channel_words, how_words, state_words
from kiestoon.portal.pages.form_page import sent
from kiestoon.portal.pages.paging import PER_PAGE, page_of
from kiestoon.portal.pages.reason_words import why_in_words
from kiestoon.portal.pages.rooms import access_of, page
from kiestoon.portal.people.access import Access
from kiestoon.portal.phones.listing import visible_users
from kiestoon.portal.tenancy.roles import CUSTOMER
from kiestoon.portal.tenancy.walls import Wall, behind


@page("locations:read")
def list_locations(request: HttpRequest) -> HttpResponse:
    """For customers their own devices; for the operator all, by state, and whom to telephone."""
    access = access_of(request)
    devices, state = visible_devices(access), request.GET.get("state", "")
    counts = dict(devices.order_by().values_list("state").annotate(n=Count("pk")))
    if state in State.values:
        devices = devices.filter(state=state)
    found = page_of(request, devices)
    words = state_words()
    context = {
        "page": found,
        "rows": _rows(list(found.object_list)),
        "query": f"state={state}&" if state in State.values else "",
        "states": [(key, words[key], counts.get(key, 0), key == state) for key in words],
        "state": state,
        "is_operator": access.is_operator,
        "may_write": access.may("locations:write"),
        "to_call": _to_call() if access.is_operator else [],
        "fixed": [] if access.is_operator or state else _fixed(access),
    }
    return render(request, "emergency/locations.html", context)


@page("locations:read")
def show_location(request: HttpRequest, device_id: int) -> HttpResponse:
    """One device: where a call from it would say it is, who said so, and saying where it is."""
    access = access_of(request)
    device = get_object_or_404(visible_devices(access), pk=device_id)
    if request.method == "POST" and not access.may("locations:write"):
        raise PermissionDenied
    form = AskedPlaceForm(_typed(request)) if access.is_operator else PlaceForm(_typed(request))
    is_asked = access.is_operator and bool(request.POST.get("asked"))
    by = sayer(access, device, Place.How.CALL if is_asked else Place.How.PORTAL)
    if request.method == "POST" and _said(request, device, form, by) is not None:
        return redirect("location", device_id)
    context = {
        "row": _rows([device])[0],
        "choices": choices(device),
        "form": form,
        "may_write": access.may("locations:write"),
        "is_operator": access.is_operator,
        "is_own": access.user_id == device.user_id,
        "places": _history(device),
        "questions": _questions(device) if access.is_operator else [],
    }
    return render(request, "emergency/location.html", context, status=422 if form.is_bound else 200)


@never_cache
def where_now(request: HttpRequest, token: str) -> HttpResponse:
    """Public: whoever has the mailed link answers for one device, and sees where it is said to be."""
    read = read_token(token)
    if read is None:
        return render(request, "emergency/link_ended.html", status=410)
    question_id, customer_id = read
    with behind(Wall(CUSTOMER, customer_id)):
        questions = LocationQuestion.objects.select_related("device__user", "device__customer__address")
        question = questions.filter(pk=question_id, device__user__nomadic=True).first()
        if question is None:
            return render(request, "emergency/link_ended.html", status=410)
        return _answer(request, question)


def _answer(request: HttpRequest, question: LocationQuestion) -> HttpResponse:
    device = question.device
    form = PlaceForm(_typed(request))
    by = Sayer(question.address, Place.How.MAIL_LINK, question.to_user)
    if request.method == "POST":
        place = _said(request, device, form, by, question)
        if place is not None:
            ids = {"device_id": device.pk, "place_id": place.pk}
            record("where_now", customer_id=device.customer_id, ids=ids, status=200)
            return render(request, "emergency/answered.html", {"place": place})
    context = {
        "device": device,
        "question": question,
        "has_moved": device.prefix != question.prefix,
        "choices": choices(device),
        "form": form,
    }
    return render(request, "emergency/where_now.html", context, status=422 if form.is_bound else 200)


def _typed(request: HttpRequest) -> Any:
    """What the form of an address is bound to: not when a place was chosen with one tap."""
    return sent(request) if "place" not in request.POST else None


def _said(
    request: HttpRequest, device: Device, form: PlaceForm, by: Sayer, asked: LocationQuestion | None = None
) -> Place | None:
    """The place that was chosen or typed, said; None when it cannot be, and the page says why not."""
    if "place" in request.POST:
        try:
            place = say_place(device, chosen(device, request.POST["place"]), by, asked=asked)
        except ValidationError as error:
            for message in error.messages:
                messages.error(request, message)
            return None
    else:
        if not form.is_valid():
            return None
        try:
            place = say_place(device, given_address(form.cleaned_data), by, asked=asked)
        except ValidationError as error:
            form.refused(error)
            return None
    _tell(request, place)
    return place


def _tell(request: HttpRequest, place: Place) -> None:
    messages.success(
        request, _("From the next call on, emergency services get %(address)s.") % {"address": place}
    )
    if place.country != "BE":
        messages.warning(request, abroad_words())


def abroad_words() -> str:
    return _(
        "This address is not in Belgium. 112 called on this phone still reaches emergency services in "
        "Belgium, who get this address; abroad, call 112 from a local phone if you can."
    )


def _rows(devices: list[Device]) -> list[dict[str, Any]]:
    words = state_words()
    return [_shown(row, words) for row in device_rows(devices)]


def _shown(row: DeviceRow, words: dict[str, Any]) -> dict[str, Any]:
    why, is_translated = why_in_words(row.located.why)
    return {
        "device": row.device,
        "located": row.located,
        "state": words[row.located.state],
        "why": why,
        "why_language": "" if is_translated else "en",
        "network": row.network,
        "address": civic_words(row.located.address),
    }


def _history(device: Device) -> list[dict[str, Any]]:
    words = how_words()
    rows = Place.objects.filter(user_id=device.user_id, instance=device.instance)[:PER_PAGE]
    return [{"place": row, "how": words.get(row.how, row.how)} for row in rows]


def _questions(device: Device) -> list[dict[str, Any]]:
    words = channel_words()
    rows = device.questions.all()[:20]
    return [{"question": row, "channel": words[row.channel], "became": asked_words(row)} for row in rows]


def _to_call() -> QuerySet[LocationQuestion]:
    """Whom nobody reached otherwise: somebody telephones."""
    rows = LocationQuestion.objects.filter(channel=LocationQuestion.Channel.CALL, closed_at=None)
    return rows.select_related("device__user__customer").order_by("asked_at")[:PER_PAGE]


def _fixed(access: Access) -> list[dict[str, Any]]:
    users = visible_users(access).filter(nomadic=False).select_related("address", "customer__address")
    words = state_words()
    return [
        {"user": row.user, "state": words[row.located.state], "address": civic_words(row.located.address)}
        for row in fixed_rows(list(users[:PER_PAGE]))
    ]
