"""The room of webhooks: list, add, one with its deliveries, and what can be done with it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kiestoon.portal.pages.rooms import access_of, page
from kiestoon.portal.webhooks import services, words
from kiestoon.portal.webhooks.forms import EndpointForm, NewEndpointForm
from kiestoon.portal.webhooks.listing import owner_of, visible_endpoints
from kiestoon.portal.webhooks.models import Delivery, Endpoint

READ, WRITE = "webhooks:read", "webhooks:write"
PER_PAGE = 50
INVALID = 422


@page(READ)
def list_webhooks(request: HttpRequest) -> HttpResponse:
    access = access_of(request)
    rows = visible_endpoints(access).select_related("customer")
    found = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": found,
        "rows": [_endpoint(one) for one in found.object_list],
        "operator": access.is_operator,
        "may_write": access.may(WRITE),
    }
    return render(request, "webhooks/list.html", context)


@page(WRITE)
def add_webhook(request: HttpRequest) -> HttpResponse:
    access = access_of(request)
    form = NewEndpointForm(access, request.POST or None)
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        customer = fields.pop("customer", None)
        try:
            owner = owner_of(access, customer.pk if customer else None)
            endpoint, secret = services.create_endpoint(owner, **fields)
        except ValidationError as error:
            form.refused(error)
        else:
            messages.success(request, _("The webhook is on. It hears of what happens from now on."))
            return _secret(request, endpoint, secret)
    return render(request, "webhooks/add.html", {"form": form}, status=INVALID if form.errors else 200)


@page(READ)
def show_webhook(request: HttpRequest, endpoint_id: str) -> HttpResponse:
    endpoint = _found(request, endpoint_id)
    return _show(request, endpoint, _form(endpoint))


@page(WRITE)
@require_POST
def change_webhook(request: HttpRequest, endpoint_id: str) -> HttpResponse:
    endpoint = _found(request, endpoint_id)
    form = EndpointForm(request.POST)
    if form.is_valid():
        try:
            services.change_endpoint(endpoint, **form.cleaned_data)
        except ValidationError as error:
            form.refused(error)
            endpoint.refresh_from_db()
        else:
            messages.success(request, _("The webhook is changed."))
            return redirect("webhook", endpoint_id)
    return _show(request, endpoint, form, status=INVALID)


@page(WRITE)
@require_POST
def switch_webhook(request: HttpRequest, endpoint_id: str) -> HttpResponse:
    endpoint = _found(request, endpoint_id)
    services.change_endpoint(endpoint, active=not endpoint.active)
    said = (
        _("The webhook is on again. What waited is sent now.")
        if endpoint.active
        else _("The webhook is off. What happens meanwhile is not told later.")
    )
    messages.success(request, said)
    return redirect("webhook", endpoint_id)


@page(WRITE)
@require_POST
def rotate_secret(request: HttpRequest, endpoint_id: str) -> HttpResponse:
    endpoint = _found(request, endpoint_id)
    secret = services.rotate_secret(endpoint)
    messages.success(request, _("There is a new secret. The old one also signs for 24 hours."))
    return _secret(request, endpoint, secret)


@page(WRITE)
@require_POST
def test_webhook(request: HttpRequest, endpoint_id: str) -> HttpResponse:
    return _try(
        request, endpoint_id, lambda endpoint: services.send_test(endpoint), _("A test is on its way.")
    )


@page(WRITE)
@require_POST
def send_again(request: HttpRequest, endpoint_id: str, delivery: int) -> HttpResponse:
    def again(endpoint: Endpoint) -> Delivery:
        return services.send_again(get_object_or_404(endpoint.deliveries, number=delivery))

    return _try(request, endpoint_id, again, _("Delivery %(number)d is sent again.") % {"number": delivery})


@page(WRITE)
@require_POST
def remove_webhook(request: HttpRequest, endpoint_id: str) -> HttpResponse:
    services.remove_endpoint(_found(request, endpoint_id))
    messages.success(request, _("The webhook is removed, with its deliveries."))
    return redirect("webhooks")


def _try(request: HttpRequest, endpoint_id: str, what: Any, said: str) -> HttpResponse:
    try:
        what(_found(request, endpoint_id))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said)
    return redirect("webhook", endpoint_id)


def _found(request: HttpRequest, endpoint_id: str) -> Endpoint:
    return get_object_or_404(visible_endpoints(access_of(request)).select_related("customer"), pk=endpoint_id)


def _form(endpoint: Endpoint) -> EndpointForm:
    told = {"url": endpoint.url, "description": endpoint.description, "events": endpoint.events}
    return EndpointForm(initial=told)


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "endpoint": endpoint,
        "state": words.state_of_endpoint(endpoint),
        "events": [words.event_words(kind) for kind in endpoint.events],
    }


def _secret(request: HttpRequest, endpoint: Endpoint, secret: str) -> HttpResponse:
    """Shown this once, so no redirect; and no cache keeps it."""
    response = render(request, "webhooks/secret.html", {"endpoint": endpoint, "secret": secret})
    response["Cache-Control"] = "no-store"
    return response


def _show(request: HttpRequest, endpoint: Endpoint, form: EndpointForm, status: int = 200) -> HttpResponse:
    access = access_of(request)
    found = Paginator(endpoint.deliveries.defer("body"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **_endpoint(endpoint),
        "operator": access.is_operator,
        "may_write": access.may(WRITE),
        "form": form,
        "page": found,
        "deliveries": [
            {
                "delivery": one,
                "what": words.event_words(one.kind),
                "state": words.state_of_delivery(one),
                "why": words.why_not(one),
                "is_call": one.kind != "webhook.test",
            }
            for one in found.object_list
        ],
    }
    return render(request, "webhooks/one.html", context, status=status)
