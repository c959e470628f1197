"""/api/emergency-routes and /api/emergency-policy: propose over the API, approve by a person's token."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status

from kiestoon.portal.description import scope
from kiestoon.portal.emergency_routes import policy as policies
from kiestoon.portal.emergency_routes import services
from kiestoon.portal.emergency_routes.models import PolicyDecision, Table
from kiestoon.portal.emergency_routes.who import by_token
from kiestoon.portal.emergency_routes.words import fault_in_words
from kiestoon.portal.paging import CountedKeyset, in_pages
from kiestoon.portal.people.authentication import need

tables = Router(tags=["emergency routes"])
policy = Router(tags=["emergency routes"])
READ, WRITE, APPROVE = "emergency-routes:read", "emergency-routes:write", "emergency-routes:approve"


class TableOut(Schema):
    """`state`: draft, proposed, approved or refused; calls follow the approved one with the latest day."""

    id: int
    state: str
    origin: str
    to_verify: bool
    in_force: date | None
    made_at: datetime
    made_by: str
    proposed_by: str
    decided_at: datetime | None
    decided_by: str
    refusal: str


class AreaOut(Schema):
    key: str
    name_nl: str
    name_fr: str
    name_de: str
    name_en: str
    municipalities: list[str]
    to_verify: bool
    origin: str


class RouteOut(Schema):
    service: str
    area: str
    trunk: str
    request_user: str
    rank: int
    valid_from: date | None
    valid_until: date | None
    testing: bool
    to_verify: bool
    origin: str


class WholeTableOut(TableOut):
    """`faults`: what speaks against using it."""

    areas: list[AreaOut]
    routes: list[RouteOut]
    faults: list[str]

    @staticmethod
    def resolve_areas(row: Table) -> list[Any]:
        return list(row.areas.all())

    @staticmethod
    def resolve_routes(row: Table) -> list[Any]:
        return list(row.routes.all())

    @staticmethod
    def resolve_faults(row: Table) -> list[str]:
        return [fault_in_words(one) for one in services.faults_of(row)]


class NewTable(Schema):
    """Both files as text (docs/flows/emergency-routing.md)."""

    areas: str = Field(max_length=1 << 20)
    routes: str = Field(max_length=1 << 20)
    origin: str
    to_verify: bool = True


class Proposal(Schema):
    in_force: date


class Refusal(Schema):
    why: str


class PolicyOut(Schema):
    """`policy`: route or announce; `state`: proposed, approved or refused."""

    id: int
    policy: str
    state: str
    document: str
    document_date: date | None
    signed_by: str
    reason: str
    proposed_at: datetime
    proposed_by: str
    decided_at: datetime | None
    decided_by: str


class NewPolicy(Schema):
    """announce needs document, document_date and signed_by."""

    policy: str
    reason: str
    document: str = ""
    document_date: date | None = None
    signed_by: str = ""


LOAD = {
    "areas": "key,name_nl,name_fr,name_de,name_en,municipalities\n",
    "routes": "service,area,trunk,rank,testing\n112,,emergency,1,no\n",
    "origin": "letter of 1 March 2027",
}


@tables.get("", response=list[TableOut], openapi_extra=scope(READ))
@in_pages(CountedKeyset, order=("-pk",))
def list_emergency_tables(request: HttpRequest) -> QuerySet[Table]:
    """Versions of the routing table, newest first."""
    need(request, READ)
    return Table.objects.all()


@tables.post("", response={201: WholeTableOut}, openapi_extra=scope(WRITE, LOAD))
def create_emergency_table(request: HttpRequest, new: NewTable) -> Status[Table]:
    """A draft from two CSV files; with a fault in a line nothing is made, and `errors` name the lines."""
    access = need(request, WRITE)
    return Status(201, services.load_table(by_token(access), **new.dict()))


@tables.get("/{int:table_id}", response=WholeTableOut, openapi_extra=scope(READ))
def get_emergency_table(request: HttpRequest, table_id: int) -> Table:
    """With its areas, routes and faults."""
    need(request, READ)
    return get_object_or_404(Table, pk=table_id)


@tables.delete("/{int:table_id}", response={204: None}, openapi_extra=scope(WRITE))
def delete_emergency_table(request: HttpRequest, table_id: int) -> Status[None]:
    """A draft only."""
    need(request, WRITE)
    with transaction.atomic():
        services.discard_table(_locked(table_id))
    return Status(204, None)


@tables.post(
    "/{int:table_id}/propose", response=TableOut, openapi_extra=scope(WRITE, {"in_force": "2099-01-01"})
)
def propose_emergency_table(request: HttpRequest, table_id: int, proposal: Proposal) -> Table:
    """From then on it does not change; somebody else approves it."""
    access = need(request, WRITE)
    with transaction.atomic():
        return services.propose_table(_locked(table_id), by_token(access), proposal.in_force)


@tables.post("/{int:table_id}/approve", response=TableOut, openapi_extra=scope(APPROVE))
def approve_emergency_table(request: HttpRequest, table_id: int) -> Table:
    """By the token of a person who neither wrote nor proposed it."""
    access = need(request, APPROVE)
    with transaction.atomic():
        return services.approve_table(_locked(table_id), by_token(access))


@tables.post(
    "/{int:table_id}/refuse", response=TableOut, openapi_extra=scope(APPROVE, {"why": "a wrong number"})
)
def refuse_emergency_table(request: HttpRequest, table_id: int, refusal: Refusal) -> Table:
    """Calls go on as before."""
    access = need(request, APPROVE)
    with transaction.atomic():
        return services.refuse_table(_locked(table_id), by_token(access), refusal.why)


@policy.get("", response=list[PolicyOut], openapi_extra=scope(READ))
@in_pages(CountedKeyset, order=("-pk",))
def list_policy_decisions(request: HttpRequest) -> QuerySet[PolicyDecision]:
    """Newest first; the last approved one holds, and calls are routed when there is none."""
    need(request, READ)
    return PolicyDecision.objects.all()


@policy.post(
    "", response={201: PolicyOut}, openapi_extra=scope(WRITE, {"policy": "route", "reason": "as before"})
)
def propose_policy(request: HttpRequest, new: NewPolicy) -> Status[PolicyDecision]:
    """Somebody else approves it."""
    access = need(request, WRITE)
    return Status(201, policies.propose_policy(by_token(access), **new.dict()))


@policy.post("/{int:decision_id}/approve", response=PolicyOut, openapi_extra=scope(APPROVE))
def approve_policy(request: HttpRequest, decision_id: int) -> PolicyDecision:
    """In effect on the next call."""
    access = need(request, APPROVE)
    with transaction.atomic():
        return policies.approve_policy(_decision(decision_id), by_token(access))


@policy.post("/{int:decision_id}/refuse", response=PolicyOut, openapi_extra=scope(APPROVE))
def refuse_policy(request: HttpRequest, decision_id: int) -> PolicyDecision:
    """What held before holds on."""
    access = need(request, APPROVE)
    with transaction.atomic():
        return policies.refuse_policy(_decision(decision_id), by_token(access))


def _locked(table_id: int) -> Table:
    return get_object_or_404(Table.objects.select_for_update(), pk=table_id)


def _decision(decision_id: int) -> PolicyDecision:
    return get_object_or_404(PolicyDecision.objects.select_for_update(), pk=decision_id)
