"""One form on one page: what every page that changes something has in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kiestoon.portal.pages.forms import Form

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class FormPage:
    """`lead`: sentences above the form; `is_final`: what the button does cannot be undone."""

    title: str
    button: str
    back: str
    back_to: str
    lead: tuple[str, ...] = ()
    is_final: bool = False


def for_change(request: HttpRequest, rows: QuerySet[Row]) -> QuerySet[Row]:
    """The rows, locked when this request may change them: nobody changes them in between.

    In a transaction of the view's.
    """
    return rows.select_for_update(of=("self",)) if request.method == "POST" else rows


def is_done(request: HttpRequest, form: Form, change: Callable[[dict[str, Any]], object]) -> bool:
    """Whether the form was sent, is valid, and `change` did what it says; else the form says why not."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        change(form.cleaned_data)
    except ValidationError as error:
        form.refused(error)
        return False
    return True


def show(
    request: HttpRequest, page: FormPage, form: Form, template: str = "pages/form.html", **more: Any
) -> HttpResponse:
    """The form; 422 when what was sent cannot be done."""
    status = 422 if form.is_bound else 200
    return render(request, template, {"form": form, "form_page": page, **more}, status=status)


def sent(request: HttpRequest) -> Any:
    """What a form is bound to: the data of a POST, else nothing."""
    return request.POST if request.method == "POST" else None
