"""The page of the policy of RD Numbering art. 43: what holds, what was decided, and a proposal."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kiestoon.portal.emergency_routes import policy as services
from kiestoon.portal.emergency_routes.current import policy_now
from kiestoon.portal.emergency_routes.forms import PolicyForm
from kiestoon.portal.emergency_routes.models import PolicyDecision
from kiestoon.portal.emergency_routes.services import By
from kiestoon.portal.emergency_routes.views import APPROVE, READ, WRITE
from kiestoon.portal.emergency_routes.who import by_person
from kiestoon.portal.emergency_routes.words import policy_words
from kiestoon.portal.pages.form_page import is_done
from kiestoon.portal.pages.forms import Form
from kiestoon.portal.pages.rooms import access_of, page


@page(READ)
def show_policy(request: HttpRequest) -> HttpResponse:
    return _shown(request)


@page(WRITE)
@require_POST
@transaction.atomic
def propose(request: HttpRequest) -> HttpResponse:
    form = PolicyForm(request.POST)
    if is_done(request, form, lambda given: services.propose_policy(by_person(request), **given)):
        messages.success(request, _("Proposed. Somebody else has to approve it."))
        return redirect("emergency_policy")
    return _shown(request, form=form, status=422)


@page(APPROVE)
@require_POST
@transaction.atomic
def approve(request: HttpRequest, decision_id: int) -> HttpResponse:
    return _decided(
        request, decision_id, services.approve_policy, _("Approved: it holds from the next call on.")
    )


@page(APPROVE)
@require_POST
@transaction.atomic
def refuse(request: HttpRequest, decision_id: int) -> HttpResponse:
    return _decided(request, decision_id, services.refuse_policy, _("Refused. Calls go on as before."))


def _decided(
    request: HttpRequest, decision_id: int, decide: Callable[[PolicyDecision, By], object], done: str
) -> HttpResponse:
    row = get_object_or_404(PolicyDecision.objects.select_for_update(), pk=decision_id)
    try:
        decide(row, by_person(request))
    except ValidationError as error:
        transaction.set_rollback(True)
        wrong = Form({})
        wrong.full_clean()
        wrong.refused(error)
        return _shown(request, wrong=wrong, status=422)
    messages.success(request, done)
    return redirect("emergency_policy")


def _shown(
    request: HttpRequest, *, form: Form | None = None, wrong: Form | None = None, status: int = 200
) -> HttpResponse:
    now, access = policy_now(), access_of(request)
    rows = [(row, policy_words(row.policy)) for row in PolicyDecision.objects.all()[:100]]
    context = {
        "now": now,
        "words": policy_words(now.policy if now else PolicyDecision.Policy.ROUTE),
        "proposed": [one for one in rows if one[0].state == PolicyDecision.State.PROPOSED],
        "decided": [one for one in rows if one[0].state != PolicyDecision.State.PROPOSED],
        "form": form or PolicyForm(None),
        "wrong": wrong,
        "may_write": access.may(WRITE),
        "may_approve": access.may(APPROVE),
        "person_id": access.person_id,
    }
    return render(request, "emergency_routes/policy.html", context, status=status)
