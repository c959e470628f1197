"""/api/health"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from kiestoon.domain.health.checks import findings, overall
from kiestoon.portal.description import scope
from kiestoon.portal.health.measuring import measure
from kiestoon.portal.health.models import Alert
from kiestoon.portal.health.services import since_when
from kiestoon.portal.people.authentication import need

router = Router(tags=["health"])


class FindingOut(Schema):
    """`state`: ok, warn, bad, or off (not measured, not used). `runbook`: page of the portal."""

    kind: str
    subject: str
    state: str
    said: str
    values: dict[str, Any]
    since: datetime
    runbook: str


class AlertOut(Schema):
    kind: str
    subject: str
    severity: str
    began_at: datetime
    opened_at: datetime
    acknowledged_by: str | None
    runbook: str


class HealthOut(Schema):
    state: str
    at: datetime
    findings: list[FindingOut]
    alerts: list[AlertOut]


@router.get("", response=HealthOut, openapi_extra=scope("health:read"))
def health(request: HttpRequest) -> dict[str, Any]:
    """Whether people can call right now: everything that was looked at, and the alerts that are open."""
    need(request, "health:read")
    now = datetime.now(UTC)
    found = findings(measure(now))
    since = since_when(found, now)
    alerts = Alert.objects.filter(closed_at__isnull=True).select_related("acknowledged_by")
    return {
        "state": overall(found),
        "at": now,
        "findings": [
            {
                "kind": one.kind,
                "subject": one.subject,
                "state": one.state,
                "said": one.said,
                "values": one.values,
                "since": since[one.kind, one.subject],
                "runbook": _runbook(one.kind),
            }
            for one in found
        ],
        "alerts": [
            {
                "kind": one.kind,
                "subject": one.subject,
                "severity": one.severity,
                "began_at": one.began_at,
                "opened_at": one.opened_at,
                "acknowledged_by": one.acknowledged_by.username if one.acknowledged_by else None,
                "runbook": _runbook(one.kind),
            }
            for one in alerts.order_by("opened_at")
        ],
    }


def _runbook(kind: str) -> str:
    return f"/network/runbooks/{kind}/"
