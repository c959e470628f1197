"""The room "Network now", a runbook, taking an alert, and the probe's /health."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kiestoon.domain.health.checks import Finding, findings, overall
from kiestoon.portal.health import words
from kiestoon.portal.health.charts import charts
from kiestoon.portal.health.measuring import measure
from kiestoon.portal.health.models import Alert
from kiestoon.portal.health.runbooks import runbook
from kiestoon.portal.health.services import acknowledge, since_when
from kiestoon.portal.pages.rooms import access_of, page
from kiestoon.portal.people.models import Person
from kiestoon.portal.tenancy.walls import OPERATOR, behind

CLOSED_SHOWN = 20
PROBE_SECONDS = 5.0
"""A probe's answer is at most this old: nobody outside makes us measure more often."""


@dataclass(frozen=True)
class Row:
    """A finding in words."""

    found: Finding
    title: str
    words: str
    since: datetime


@page("health:read")
def network_now(request: HttpRequest) -> HttpResponse:
    now = datetime.now(UTC)
    found = findings(measure(now))
    since = since_when(found, now)
    rows = [
        Row(one, words.title(one.kind, one.subject, str(one.values.get("name") or "")), words.sentence(one),
            since[one.kind, one.subject])
        for one in found
    ]  # fmt: skip
    alerts = Alert.objects.select_related("acknowledged_by")
    context = {
        "now": now,
        "state": overall(found),
        "trouble": [row for row in rows if row.found.state in ("bad", "warn")],
        "rows": rows,
        "open": [_alert(one) for one in alerts.filter(closed_at__isnull=True).order_by("opened_at")],
        "closed": [
            _alert(one)
            for one in alerts.filter(closed_at__isnull=False).order_by("-closed_at")[:CLOSED_SHOWN]
        ],
        "may_take": access_of(request).may("health:write"),
        "charts": charts(now),
    }
    return render(request, "health/now.html", context)


def _alert(one: Alert) -> dict[str, object]:
    return {"alert": one, "title": words.title(one.kind, one.subject)}


@require_POST
@page("health:write")
def take_alert(request: HttpRequest, pk: int) -> HttpResponse:
    assert isinstance(request.user, Person)
    alert = get_object_or_404(Alert, pk=pk)
    title = words.title(alert.kind, alert.subject)
    try:
        acknowledge(alert, request.user, datetime.now(UTC))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("You look after: %(title)s.") % {"title": title})
    return redirect("network_now")


@page("health:read")
def show_runbook(request: HttpRequest, kind: str) -> HttpResponse:
    text = runbook(kind)
    if text is None:
        raise Http404
    return render(request, "health/runbook.html", {"title": words.title(kind), "text": text})


_probe_lock = threading.Lock()
_probed: tuple[float, str, int] = (-PROBE_SECONDS, "off", 200)


@require_safe
def probe(request: HttpRequest) -> HttpResponse:
    """{"status": "ok" | "degraded" | "down"}, for watchers and load balancers; no sign-in.

    503 only when the portal cannot work, without its database: it must not be taken out for a carrier's sake.
    """
    global _probed
    with _probe_lock:
        if time.monotonic() - _probed[0] >= PROBE_SECONDS:
            with behind(OPERATOR):
                now = measure()
            word = {"bad": "down", "warn": "degraded", "ok": "ok"}.get(overall(findings(now)), "degraded")
            works = now.database is not None and now.database.answers
            _probed = (time.monotonic(), word, 200 if works else 503)
        _, status, code = _probed
    return JsonResponse({"status": status}, status=code)
