"""The notice as a page, accepting it, and who was told individually."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kiestoon.portal.customers.models import Customer
from kiestoon.portal.customers.overview import visible_customers
from kiestoon.portal.notices.asking import way_back
from kiestoon.portal.notices.forms import AcceptForm, SignedForm
from kiestoon.portal.notices.listing import not_reached
from kiestoon.portal.notices.models import Acceptance, Delivery, Round
from kiestoon.portal.notices.services import accept_notice, has_accepted, record_came_back
from kiestoon.portal.notices.texts import notice_in_force, notice_of, notices
from kiestoon.portal.pages.form_page import is_done, sent
from kiestoon.portal.pages.paging import page_of
from kiestoon.portal.pages.rooms import access_of, page
from kiestoon.portal.people.access import Access


@page("notices:read")
def show_notice(request: HttpRequest) -> HttpResponse:
    """In force now, in the reader's language; a customer's administrator goes to where it is accepted."""
    access = access_of(request)
    if access.customer_id is not None and access.may("notices:accept"):
        return redirect("customer_notice", access.customer_id)
    notice = notice_in_force(datetime.now(UTC))
    context = {
        "notice": notice,
        "text": notice.text(get_language()),
        "is_operator": access.is_operator,
        "sees_deliveries": access.may("duties:read"),
        "others": [one for one in notices() if one.version != notice.version],
    }
    return render(request, "notices/notice.html", context)


@page("notices:read")
def show_version(request: HttpRequest, version: int) -> HttpResponse:
    """A version as it was, for whoever accepted it."""
    notice = notice_of(version)
    if notice is None:
        raise Http404
    current = notice_in_force(datetime.now(UTC))
    context = {"notice": notice, "text": notice.text(get_language()), "current": current}
    return render(request, "notices/version.html", context)


@page("notices:accept")
@transaction.atomic
def customer_notice(request: HttpRequest, customer_id: int) -> HttpResponse:
    """One customer's: read, accept, and who accepted which version."""
    access = access_of(request)
    customer = get_object_or_404(visible_customers(access), pk=customer_id)
    notice = notice_in_force(datetime.now(UTC))
    text = notice.text(get_language())
    kind = SignedForm if access.is_operator else AcceptForm
    initial = {"version": notice.version, "language": text.language}
    form = kind(sent(request), initial=initial)

    def accept(_given: object) -> Acceptance:
        who: dict[str, Any] = {"person_id": access.person_id, "by": request.user.get_username()}
        return accept_notice(customer, **{**(who if not access.is_operator else {}), **form.accepted()})

    if is_done(request, form, accept):
        messages.success(request, _("Accepted. Numbers and users can become active."))
        return redirect(way_back(request, customer))
    context = {
        "notice": notice,
        "text": text,
        "customer": customer,
        "form": form,
        "accepted": has_accepted(customer),
        "acceptances": Acceptance.objects.filter(customer_id=customer.pk),
        "is_operator": access.is_operator,
    }
    return render(request, "notices/customer.html", context, status=422 if form.is_bound else 200)


@page("duties:read")
def list_deliveries(request: HttpRequest) -> HttpResponse:
    """Which nomadic users were not told in time, and every individual notice, newest first."""
    now = datetime.now(UTC)
    found = page_of(request, Delivery.objects.all())
    context = {
        "late": not_reached(now),
        "page": found,
        "rows": found.object_list,
        "round": Round.objects.first(),
        "may_write": _may_write(access_of(request)),
        "without": _without(now),
    }
    return render(request, "notices/deliveries.html", context)


@require_POST
@page("notices:write")
def came_back(request: HttpRequest, delivery: int) -> HttpResponse:
    """A mail that the server took was returned: the user counts as not reached."""
    get_object_or_404(Delivery, pk=delivery)
    try:
        record_came_back(delivery, request.user.get_username(), datetime.now(UTC))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("Recorded: this notice reached nobody."))
    return redirect("notice_deliveries")


def _without(now: datetime) -> list[Customer]:
    """Customers that have not accepted the version in force."""
    accepted = Acceptance.objects.filter(version=notice_in_force(now).version).values("customer_id")
    return list(Customer.objects.exclude(pk__in=accepted).order_by("name")[:50])


def _may_write(access: Access) -> bool:
    if not access.is_operator:
        raise PermissionDenied
    return access.may("notices:write")
