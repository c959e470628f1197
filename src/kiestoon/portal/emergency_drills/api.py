"""/api/emergency-drills"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status

from kiestoon.portal.description import scope
from kiestoon.portal.emergency_drills.current import stands
from kiestoon.portal.emergency_drills.models import Drill, DrillRun
from kiestoon.portal.emergency_drills.services import ask_for_run
from kiestoon.portal.emergency_drills.tasks import make_asked_run
from kiestoon.portal.emergency_routes.who import by_token
from kiestoon.portal.paging import CountedKeyset, in_pages
from kiestoon.portal.people.authentication import need

router = Router(tags=["emergency drills"])
READ, WRITE = "emergency-routes:read", "emergency-routes:write"


class StandOut(Schema):
    """`standing`: passed, failed, overdue or never."""

    service: str
    area: str
    trunk: str
    kind: str
    standing: str
    last: datetime | None


class RunOut(Schema):
    """`fault`: why it could not be made; `total` is 0 until it has begun."""

    id: int
    asked_at: datetime
    asked_by: str
    total: int
    begun_at: datetime | None
    ended_at: datetime | None
    fault: str


class DrillOut(Schema):
    """`code` 0: no final answer. `differences`: field, what was sent, what arrived."""

    service: str
    area: str
    trunk: str
    kind: str
    started_at: datetime
    sip_call_id: str
    code: int
    setup_ms: int | None
    sent: dict[str, Any]
    arrived: dict[str, Any] | None
    differences: list[dict[str, Any]]
    result: str
    why: str


@router.get("", response=list[StandOut], openapi_extra=scope(READ))
@in_pages(CountedKeyset, order=("area", "service", "trunk", "kind"))
def list_drill_standings(request: HttpRequest) -> list[StandOut]:
    """Where the drill of every route, area and kind of device stands."""
    need(request, READ)
    return [
        StandOut(
            service=one.wanted.service,
            area=one.wanted.area,
            trunk=one.wanted.trunk,
            kind=one.wanted.kind,
            standing=one.standing,
            last=one.last.started_at if one.last else None,
        )
        for one in stands(datetime.now(UTC))
    ]


@router.post("/runs", response={202: RunOut}, openapi_extra=scope(WRITE))
def start_drill_run(request: HttpRequest) -> Status[DrillRun]:
    """Every drill there should be, made by a job; 422 while another run goes on."""
    access = need(request, WRITE)
    with transaction.atomic():
        run = ask_for_run(by_token(access).name)
        make_asked_run.defer(run_id=run.pk)
    return Status(202, run)


@router.get("/runs/{int:run_id}", response=RunOut, openapi_extra=scope(READ))
def get_drill_run(request: HttpRequest, run_id: int) -> DrillRun:
    """How far it is."""
    need(request, READ)
    return get_object_or_404(DrillRun, pk=run_id)


@router.get("/runs/{int:run_id}/drills", response=list[DrillOut], openapi_extra=scope(READ))
@in_pages(CountedKeyset, order=("-pk",))
def list_drills_of_run(request: HttpRequest, run_id: int) -> QuerySet[Drill]:
    """What was sent and what arrived."""
    need(request, READ)
    return get_object_or_404(DrillRun, pk=run_id).drills.all()
