"""/api/notice: the emergency notice in force, and accepting it (ordering and signing will call it)."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import ConfigDict

from kiestoon.portal.customers.overview import visible_customers
from kiestoon.portal.description import scope
from kiestoon.portal.notices.models import Acceptance
from kiestoon.portal.notices.services import accept_notice
from kiestoon.portal.notices.texts import Notice, Text, notice_in_force
from kiestoon.portal.paging import CountedKeyset, in_pages
from kiestoon.portal.people.authentication import need
from kiestoon.portal.schemas import Language

router = Router(tags=["emergency notice"])


class TextOut(Schema):
    language: str
    title: str
    lead: str
    points: list[str]
    close: str
    sha256: str


class NoticeOut(Schema):
    version: int
    since: date
    texts: list[TextOut]

    @staticmethod
    def resolve_texts(notice: Notice) -> list[Text]:
        return list(notice.texts.values())


class AcceptanceIn(Schema):
    model_config = ConfigDict(extra="forbid")
    customer_id: int
    version: int
    language: Language
    by: str
    document: str = ""


class AcceptanceOut(Schema):
    id: int
    customer_id: int
    customer_name: str
    version: int
    language: str
    sha256: str
    accepted_at: datetime
    how: str
    by: str
    document: str


NEW = {"customer_id": 1, "version": 1, "language": "nl", "by": "Anna Peeters", "document": "contract 2026/7"}


@router.get("", response=NoticeOut, openapi_extra=scope("notices:read"))
def get_notice(request: HttpRequest) -> Notice:
    """The version in force, in every language."""
    need(request, "notices:read")
    return notice_in_force(datetime.now(UTC))


@router.get("/acceptances", response=list[AcceptanceOut], openapi_extra=scope("notices:accept"))
@in_pages(CountedKeyset, order=("-accepted_at", "-pk"))
def list_acceptances(request: HttpRequest) -> QuerySet[Acceptance]:
    """Who accepted which version, newest first."""
    return need(request, "notices:accept").visible(Acceptance.objects.all())


@router.post("/acceptances", response={201: AcceptanceOut}, openapi_extra=scope("notices:accept", NEW))
def accept(request: HttpRequest, data: AcceptanceIn) -> Status[Acceptance]:
    """Record that a customer accepted the version in force: `by` whom, and where a `document` is kept."""
    access = need(request, "notices:accept")
    customer = visible_customers(access).filter(pk=data.customer_id).first()
    if customer is None:
        raise ValidationError({"customer_id": _("There is no such customer.")})
    how = Acceptance.How.DOCUMENT if access.is_operator else Acceptance.How.API
    row = accept_notice(
        customer,
        version=data.version,
        language=data.language,
        by=data.by,
        how=how,
        person_id=access.person_id,
        document=data.document,
    )
    return Status(201, row)
