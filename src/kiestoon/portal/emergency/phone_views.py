"""What the phone in the browser asks and answers about the place of its own device; JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from kiestoon.portal.audit.middleware import concerns
from kiestoon.portal.customers.civic import civic_words
from kiestoon.portal.customers.forms import given_address
from kiestoon.portal.emergency.asking import ask_in_browser
from kiestoon.portal.emergency.choices import choices, chosen
from kiestoon.portal.emergency.forms import PlaceForm
from kiestoon.portal.emergency.locations import device_rows
from kiestoon.portal.emergency.models import Device, Place
from kiestoon.portal.emergency.services import Sayer, say_place
from kiestoon.portal.emergency.views import abroad_words
from kiestoon.portal.emergency.words import state_words
from kiestoon.portal.people.models import Person


@login_required
@never_cache
def phone_location(request: HttpRequest) -> JsonResponse:
    """GET ?instance=: where the device is said to be, and whether to ask. POST: it is there.

    A POST says `place` (the key of a choice) or the fields of an address; 422 with {"errors": {field:
    [message]}} when that cannot be. {"device": false} as long as nobody has heard of the device.
    """
    assert isinstance(request.user, Person)
    user = request.user.telephone_user
    given = request.POST if request.method == "POST" else request.GET
    devices = Device.objects.filter(user=user, user__nomadic=True).select_related("user", "customer__address")
    device = devices.filter(instance=given.get("instance", "")).first()
    if device is None:
        return JsonResponse({"device": False, "asks": False})
    notice = ""
    if request.method == "POST":
        concerns(request, device_id=device.pk)
        by = Sayer(request.user.get_username(), Place.How.SOFTPHONE, True, request.user.pk)
        try:
            place = _say(device, given, by)
        except ValidationError as error:
            errors = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
            return JsonResponse({"errors": errors}, status=422)
        notice = abroad_words() if place.country != "BE" else ""
    return JsonResponse(_state(device) | {"notice": notice})


def _say(device: Device, given: Any, by: Sayer) -> Place:
    if "place" in given:
        return say_place(device, chosen(device, given["place"]), by)
    form = PlaceForm(given)
    if not form.is_valid():
        raise ValidationError({name: list(told) for name, told in form.errors.items()})
    return say_place(device, given_address(form.cleaned_data), by)


def _state(device: Device) -> dict[str, Any]:
    located = device_rows([device])[0].located
    asks = located.state != "confirmed"
    if asks:
        ask_in_browser(device, datetime.now(UTC))
    words = state_words()[located.state]
    return {
        "device": True,
        "asks": asks,
        "state": located.state,
        "shape": words.shape,
        "words": words.words,
        "address": civic_words(located.address),
        "places": [{"key": choice.key, "words": choice.words} for choice in choices(device)],
    }
