"""Pages of long lists."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

PER_PAGE = 50


def page_of(request: HttpRequest, rows: QuerySet[Any]) -> Page[Any]:
    """The page the address asks for (`page`), the nearest there is.

    Its keys are found first and only its rows fetched: a late page does not join all before it.
    """
    found: Page[Any] = Paginator(rows.values_list("pk", flat=True), PER_PAGE).get_page(
        request.GET.get("page")
    )
    found.object_list = rows.filter(pk__in=list(found.object_list))
    return found
