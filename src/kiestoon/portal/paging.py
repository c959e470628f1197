"""Lists of the API in pages: `limit` and an opaque `cursor` in, `items`, `next` and a Link header out.

A page begins behind the row the cursor names (keyset): the ten-thousandth page costs what the first does,
and rows that come or go meanwhile shift nothing. A cursor is signed and bound to its list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, get_type_hints
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Field, Schema
from ninja.pagination import PaginationBase, paginate

DEFAULT, MOST = 100, 1000


@dataclass(frozen=True)
class Branches:
    """Queries whose rows together are the list; a row may be in several. Each is read in the list's order by
    an index of its own, where one query with OR would read and sort all that matches."""

    queries: Sequence[QuerySet[Any]]


Shape = Callable[[HttpRequest, list[Any]], list[Any]]


class Keyset(PaginationBase):
    """`@in_pages(Keyset, order=("-started_at", "-pk"))`: unique together, never null; - for descending.

    The view returns a QuerySet, Branches or a list; `shape(request, rows)` makes the items of a page.
    """

    class Input(Schema):
        limit: int = Field(DEFAULT, ge=1, le=MOST, description="Items a page at most.")
        cursor: str | None = Field(
            None, max_length=4000, description="`next` of the page before; leave out for the first."
        )

    class Output(Schema):
        items: list[Any]
        next: str | None = Field(description="Cursor of the next page; null on the last.")

    def __init__(self, *, order: tuple[str, ...], shape: Shape | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._order = order
        self._shape = shape

    def paginate_queryset(
        self, queryset: Any, pagination: Input, request: HttpRequest, **params: Any
    ) -> dict[str, Any]:
        signer = Signer(salt=f"kiestoon.cursor:{request.path}")
        place = _read(signer, pagination.cursor, len(self._order)) if pagination.cursor else None
        rows = _rows_after(queryset, self._order, place, pagination.limit + 1)
        more = len(rows) > pagination.limit
        rows = rows[: pagination.limit]
        following = signer.sign_object(_place(rows[-1], self._order)) if more else None
        if following is not None:
            query = request.GET.copy()
            query["cursor"] = following
            address = f"{request.path}?{urlencode(list(query.lists()), doseq=True)}"
            request.next_page = request.build_absolute_uri(address)  # type: ignore[attr-defined]
        return {
            "items": self._shape(request, rows) if self._shape else rows,
            "next": following,
            **self._more(queryset),
        }

    def _more(self, queryset: Any) -> dict[str, Any]:
        return {}


class CountedKeyset(Keyset):
    """For lists short enough to count each time."""

    class Output(Keyset.Output):
        count: int = Field(description="Items on all pages together.")

    def _more(self, queryset: Any) -> dict[str, Any]:
        return {"count": self._items_count(queryset)}


def in_pages(paginator: type[Keyset], **how: Any) -> Callable[[Any], Any]:
    """Decorator of a view that lists. Ninja reads annotations where its own wrapper stands: give it types."""

    def decorate(view: Any) -> Any:
        view.__annotations__ = get_type_hints(view, include_extras=True)
        return paginate(paginator, **how)(view)

    return decorate


def link_next(request: HttpRequest, response: HttpResponse) -> None:
    """The header Link: rel="next" (RFC 8288) where a page has a next one."""
    if address := getattr(request, "next_page", None):
        response["Link"] = f'<{address}>; rel="next"'


def _rows_after(
    rows: QuerySet[Any] | Branches | Sequence[Any], order: tuple[str, ...], place: list[Any] | None, many: int
) -> list[Any]:
    if isinstance(rows, Branches):
        parts = [_rows_after(query, order, place, many) for query in rows.queries]
        return _in_order({row.pk: row for part in parts for row in part}.values(), order)[:many]
    if isinstance(rows, QuerySet):
        rows = rows.order_by(*order)
        return list((rows if place is None else rows.filter(_after(order, place)))[:many])
    found = _in_order(rows, order)
    if place is not None:
        found = [row for row in found if _comes_after(row, order, place)]
    return found[:many]


def _in_order(rows: Iterable[Any], order: tuple[str, ...]) -> list[Any]:
    found = list(rows)
    for name in reversed(order):
        found.sort(key=lambda row: _value(row, name), reverse=name.startswith("-"))
    return found


def _after(order: tuple[str, ...], place: list[Any]) -> Q:
    """Rows behind the place; the first term alone lets an index begin there."""
    first = order[0]
    bound = Q(**{f"{first.lstrip('-')}__{'lte' if first.startswith('-') else 'gte'}": place[0]})
    either, equal = Q(), Q()
    for name, value in zip(order, place, strict=True):
        field, way = name.lstrip("-"), "lt" if name.startswith("-") else "gt"
        either |= equal & Q(**{f"{field}__{way}": value})
        equal &= Q(**{field: value})
    return bound & either


def _comes_after(row: Any, order: tuple[str, ...], place: list[Any]) -> bool:
    for name, value in zip(order, place, strict=True):
        here = _value(row, name)
        if here != value:
            return bool(here < value) if name.startswith("-") else bool(here > value)
    return False


def _value(row: Any, name: str) -> Any:
    for part in name.lstrip("-").split("__"):
        row = getattr(row, part)
    return row


def _place(row: Any, order: tuple[str, ...]) -> list[Any]:
    values = (_value(row, name) for name in order)
    return [_KINDS.get(type(value), lambda one: one)(value) for value in values]


def _read(signer: Signer, cursor: str, length: int) -> list[Any]:
    try:
        place = signer.unsign_object(cursor)
    except (BadSignature, ValueError) as error:
        raise ValidationError(
            {"cursor": "this is no cursor of this list: send `next` as it came, or begin without"}
        ) from error
    if not isinstance(place, list) or len(place) != length:
        raise ValidationError({"cursor": "this cursor is of an earlier version: begin without"})
    return [_moment(one) if isinstance(one, dict) else one for one in place]


_KINDS: dict[type, Callable[[Any], Any]] = {
    datetime: lambda value: {"at": value.isoformat()},
    date: lambda value: {"on": value.isoformat()},
}


def _moment(told: dict[str, str]) -> date:
    return datetime.fromisoformat(told["at"]) if "at" in told else date.fromisoformat(told["on"])
