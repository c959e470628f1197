"""/api/compliance: the duties with their evidence, and requests for the user of a call."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status
from ninja.errors import HttpError

from kiestoon.duties.duty import Duty, belgian_day
from kiestoon.duties.register import DUTIES, duty
from kiestoon.portal.calls.models import Call
from kiestoon.portal.compliance import services
from kiestoon.portal.compliance.board import PERIOD, state_of
from kiestoon.portal.compliance.identification import as_dict, calls_meant, identify
from kiestoon.portal.compliance.models import Blocking, IdentityRequest
from kiestoon.portal.compliance.register import REGISTER
from kiestoon.portal.description import scope
from kiestoon.portal.paging import CountedKeyset, in_pages
from kiestoon.portal.people.access import Access
from kiestoon.portal.people.authentication import need
from kiestoon.portal.schemas import Moment

router = Router(tags=["compliance"])


class SourceOut(Schema):
    article: str
    link: str
    confidence: str
    in_force: date
    until: date | None


class DutyOut(Schema):
    key: str
    title: str
    summary: str
    sources: list[SourceOut]
    module: str
    test: str
    evidence: str
    state: str
    measured_at: datetime | None


class CountOut(Schema):
    day: date
    step: str
    result: str
    why: str
    decisions: int


class RequestIn(Schema):
    asked_by: str
    reference: str
    asked_at: Moment
    call_id: str = ""
    number: str = ""
    called: str = ""
    moment: Moment | None = None
    tolerance_seconds: int = Field(default=120, ge=0, le=7200)


class RequestOut(Schema):
    id: int
    asked_by: str
    reference: str
    asked_at: datetime
    due_at: datetime
    standing: str
    call_id: str
    number: str
    called: str
    moment: datetime | None
    tolerance_seconds: int
    recorded_by: str
    answered_at: datetime | None
    answered_by: str
    answer: dict[str, Any] | None
    note: str

    @staticmethod
    def resolve_standing(row: IdentityRequest) -> str:
        return row.standing(datetime.now(UTC))


class AnswerIn(Schema):
    call_id: str = ""
    note: str = ""


class FoundIn(Schema):
    found: str


class BlockIn(Schema):
    numbers: list[str]


class BlockingOut(Schema):
    id: int
    numbers: list[str]
    trunks: list[str]
    why: str
    at: datetime
    by: str
    lifted_at: datetime | None
    lifted_by: str


NEW = {
    "asked_by": "BIPT",
    "reference": "2026/123",
    "asked_at": "2026-11-24T09:00:00+01:00",
    "number": "+3238080101",
    "moment": "2026-11-23T12:00:00+01:00",
}


@router.get("/duties", response=list[DutyOut], openapi_extra=scope("duties:read"))
@in_pages(CountedKeyset, order=("key",), shape=lambda request, duties: [_as_out(one) for one in duties])
def list_duties(request: HttpRequest) -> list[Duty]:
    """Every duty that is code, with its articles and where it stands."""
    need(request, "duties:read")
    return list(DUTIES)


@router.get("/duties/{key}/counts", response=list[CountOut], openapi_extra=scope("duties:read"))
@in_pages(CountedKeyset, order=("day", "step", "result", "why"))
def list_counts(
    request: HttpRequest, key: str, first: date | None = None, last: date | None = None
) -> list[Any]:
    """Decisions by Belgian day and branch, both days included; the last 30 days when none are given."""
    need(request, "duties:read")
    if key not in {one.key for one in DUTIES}:
        raise HttpError(404, "there is no such duty")
    today = belgian_day(datetime.now(UTC))
    return list(REGISTER.evidence(duty(key).key).counts(first or today - PERIOD, last or today))


@router.get("/requests", response=list[RequestOut], openapi_extra=scope("requests:read"))
@in_pages(CountedKeyset, order=("-asked_at", "-pk"))
def list_requests(request: HttpRequest) -> QuerySet[IdentityRequest]:
    """Requests for the user of a call, newest first."""
    need(request, "requests:read")
    return IdentityRequest.objects.all()


@router.post("/requests", response={201: RequestOut}, openapi_extra=scope("requests:write", NEW))
def record_request(request: HttpRequest, data: RequestIn) -> Status[IdentityRequest]:
    """Its 24 hours run from `asked_at` (RD Spoofing art. 4 §2)."""
    access = need(request, "requests:write")
    return Status(201, services.record_request(_who(access), **data.dict()))


@router.get("/requests/{request_id}", response=RequestOut, openapi_extra=scope("requests:read"))
def get_request(request: HttpRequest, request_id: int) -> IdentityRequest:
    """One request."""
    need(request, "requests:read")
    return get_object_or_404(IdentityRequest, pk=request_id)


@router.get(
    "/requests/{request_id}/calls",
    response=list[dict[str, Any]],
    openapi_extra=scope("requests:read"),
)
def list_calls_meant(request: HttpRequest, request_id: int) -> list[dict[str, Any]]:
    """The calls a request can mean, nearest first, and who made each as our records have it now."""
    need(request, "requests:read")
    row = get_object_or_404(IdentityRequest, pk=request_id)
    return [as_dict(identify(call)) for call in calls_meant(row)]


@router.post(
    "/requests/{request_id}/answer",
    response=RequestOut,
    openapi_extra=scope("requests:write", {"call_id": "", "note": "answered by telephone"}),
)
def answer_request(request: HttpRequest, request_id: int, data: AnswerIn) -> IdentityRequest:
    """Record that it was answered now, with what our records say of the call."""
    access = need(request, "requests:write")
    get_object_or_404(IdentityRequest, pk=request_id)
    call = get_object_or_404(Call, pk=data.call_id) if data.call_id else None
    return services.answer_request(request_id, _who(access), call=call, note=data.note)


@router.post(
    "/requests/{request_id}/found",
    response=RequestOut,
    openapi_extra=scope("requests:write", {"found": "wrong"}),
)
def judge_answer(request: HttpRequest, request_id: int, data: FoundIn) -> IdentityRequest:
    """Record that BIPT calls the answer "incomplete" or "wrong"."""
    access = need(request, "requests:write")
    get_object_or_404(IdentityRequest, pk=request_id)
    return services.judge_answer(request_id, _who(access), data.found)


@router.post(
    "/requests/{request_id}/block",
    response={201: BlockingOut},
    openapi_extra=scope("requests:write", {"numbers": ["+32470123456"]}),
)
def block_numbers(request: HttpRequest, request_id: int, data: BlockIn) -> Status[Blocking]:
    """Block the user's numbers on every special interface, when art. 4 §2 asks for it."""
    access = need(request, "requests:write")
    get_object_or_404(IdentityRequest, pk=request_id)
    return Status(201, services.block_numbers(request_id, _who(access), data.numbers))


@router.post("/blockings/{blocking_id}/lift", response=BlockingOut, openapi_extra=scope("requests:write"))
def lift_blocking(request: HttpRequest, blocking_id: int) -> Blocking:
    """Let the user's calls pass again."""
    access = need(request, "requests:write")
    get_object_or_404(Blocking, pk=blocking_id)
    return services.lift_blocking(blocking_id, _who(access))


def _as_out(one: Duty) -> dict[str, Any]:
    state = state_of(one, datetime.now(UTC))
    return {
        "key": one.key,
        "title": one.title,
        "summary": one.summary,
        "sources": one.sources,
        "module": one.module,
        "test": one.test,
        "evidence": one.evidence,
        "state": state.words,
        "measured_at": REGISTER.evidence(one.key).measured_at(),
    }


def _who(access: Access) -> str:
    return f"API token ({access.role})"
