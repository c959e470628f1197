"""The protected log of on-site emergency calls, and who wishes to be told of them."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from kiestoon.portal.audit.services import record
from kiestoon.portal.calls.models import Call
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.customers.overview import visible_customers
from kiestoon.portal.emergency_log.caller import caller_of
from kiestoon.portal.emergency_log.forms import ContactForm, ReceptionForm
from kiestoon.portal.emergency_log.models import Contact, Reception, Told
from kiestoon.portal.emergency_log.services import set_contact, set_reception
from kiestoon.portal.pages.call_rows import Row
from kiestoon.portal.pages.form_page import FormPage, for_change, is_done, sent, show
from kiestoon.portal.pages.paging import page_of
from kiestoon.portal.pages.rooms import access_of, page


@page("emergency-log:read")
def list_emergency_calls(request: HttpRequest) -> HttpResponse:
    """Newest first, from the CDRs themselves; that it was opened is recorded."""
    access = access_of(request)
    # No customer is named in the entry: a customer's administrator reads its own customer's entries.
    record("open-emergency-log", access, ids={"page": request.GET.get("page", "1")[:9]}, status=200)
    found = page_of(request, Call.objects.filter(emergency_class="on-site").order_by("-started_at"))
    calls = sorted(found.object_list, key=lambda call: call.started_at, reverse=True)
    told: dict[str, list[Told]] = defaultdict(list)
    for one in Told.objects.filter(call_id__in=[call.call_id for call in calls]):
        told[one.call_id].append(one)
    rows = [
        {"row": Row(call, access), "call": call, "caller": caller_of(call), "told": told[call.call_id]}
        for call in calls
    ]
    context = {
        "page": found,
        "rows": rows,
        "contact": Contact.objects.first(),
        "may_write": access.may("emergency-log:write"),
    }
    return render(request, "emergency_log/log.html", context)


@page("emergency-log:write")
@transaction.atomic
def change_contact(request: HttpRequest) -> HttpResponse:
    """The operator's own people who are told at once."""
    row = for_change(request, Contact.objects.all()).first()
    form = ContactForm(sent(request), initial={"addresses": "\n".join(row.addresses) if row else ""})
    who, now = request.user.get_username(), datetime.now(UTC)
    if is_done(request, form, lambda given: set_contact(given["addresses"], who, now)):
        messages.success(request, _("Saved. They are told of the next emergency call."))
        return redirect("emergency_contact")
    lead = _("They are told within seconds when a customer’s phone calls 112, 100 or 101.")
    form_page = FormPage(
        _("Whom we tell of emergency calls"), _("Save the addresses"), reverse("home"), _("Home"), (lead,)
    )
    return show(request, form_page, form)


@page("customers:write")
@transaction.atomic
def change_reception(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Whether a customer's reception is told who called for help."""
    customers = for_change(request, visible_customers(access_of(request)))
    customer: Customer = get_object_or_404(customers, pk=customer_id)
    row = Reception.objects.filter(customer=customer).first()
    initial = {"enabled": row.enabled, "addresses": "\n".join(row.addresses)} if row else {}
    form = ReceptionForm(sent(request), initial=initial)
    who, now = request.user.get_username(), datetime.now(UTC)
    if is_done(request, form, lambda given: set_reception(customer, by=who, now=now, **given)):
        messages.success(request, _("Saved. It holds from the next emergency call on."))
        return redirect("emergency_reception", customer_id)
    back = reverse("customer", args=[customer_id])
    form_page = FormPage(_("Who is told of emergency calls"), _("Save"), back, customer.name)
    return show(request, form_page, form)
