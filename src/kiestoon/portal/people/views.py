"""The room Access: who may do what, and with which token."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from kiestoon.portal.audit.middleware import concerns
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.pages.rooms import access_of, page
from kiestoon.portal.people import services
from kiestoon.portal.people.access import Access
from kiestoon.portal.people.forms import NewPersonForm, PersonForm, TokenForm
from kiestoon.portal.people.listing import (
    person_to_change,
    version_of_person,
    visible_people,
    visible_tokens,
    with_state,
)
from kiestoon.portal.people.models import Person
from kiestoon.portal.people.scopes import table_of_roles, word_of_role, word_of_scope

PER_PAGE = 50
UNPROCESSABLE = 422


@page("people:read")
def list_people(request: HttpRequest) -> HttpResponse:
    access = access_of(request)
    people = with_state(visible_people(access))
    wanted = request.GET.get("q", "").strip()
    if wanted:
        people = people.filter(username__icontains=wanted) | people.filter(last_name__icontains=wanted)
    found = Paginator(people, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": found,
        "rows": [{"person": one, "role": word_of_role(one.role)} for one in found.object_list],
        "wanted": wanted,
        "query": f"{urlencode({'q': wanted})}&" if wanted else "",
        "may_write": access.may("people:write"),
        "may_see_tokens": access.may("tokens:read"),
        "is_operator": access.is_operator,
    }
    return render(request, "people/list.html", context)


@never_cache
@page("people:write")
def add_person(request: HttpRequest) -> HttpResponse:
    access = access_of(request)
    form = NewPersonForm(request.POST or None, access=access)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        if not access.is_operator:
            data["customer"] = access.visible(Customer.objects.all(), customer="pk").get()
        try:
            person, code = services.add_person(access, **data)
        except ValidationError as error:
            form.refused(error)
        else:
            concerns(request, customer_id=person.customer_id, person_id=person.pk)
            return _code(request, person, code)
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "people/new.html", {"form": form}, status=status)


@page("people:read")
def show_person(request: HttpRequest, person_id: int) -> HttpResponse:
    """What a person may do; and the form that changes it, of whoever may."""
    access = access_of(request)
    person = get_object_or_404(visible_people(access), pk=person_id)
    form = PersonForm(person=person, access=access, version=version_of_person(person))
    return _person(request, access, person_id, form)


@page("people:write")
@require_POST
@transaction.atomic
def change_person(request: HttpRequest, person_id: int) -> HttpResponse:
    access = access_of(request)
    person = person_to_change(access, person_id)
    form = PersonForm(request.POST, person=person, access=access, version=version_of_person(person))
    if form.is_valid():
        try:
            services.change_person(access, person, **form.cleaned_data)
        except ValidationError as error:
            form.refused(error)
        else:
            messages.success(
                request,
                _("%(name)s was changed: it holds from the next step on.") % {"name": person.username},
            )
            return redirect("person", person_id=person_id)
    return _person(request, access, person_id, form)


@page("people:write")
@require_POST
@transaction.atomic
def switch_person(request: HttpRequest, person_id: int) -> HttpResponse:
    """Off, or on again: `active` says which."""
    access = access_of(request)
    person = person_to_change(access, person_id)
    on = request.POST.get("active") == "yes"
    try:
        (services.switch_on if on else services.switch_off)(access, person)
    except ValidationError as error:
        return _refused(request, access, person, error)
    said = (
        _("%(name)s may sign in again.")
        if on
        else _("%(name)s was signed out everywhere and cannot sign in any more.")
    )
    messages.success(request, said % {"name": person.username})
    return redirect("person", person_id=person_id)


@never_cache
@page("people:write")
@require_POST
@transaction.atomic
def reset_password(request: HttpRequest, person_id: int) -> HttpResponse:
    access = access_of(request)
    person = person_to_change(access, person_id)
    try:
        code = services.reset_password(access, person)
    except ValidationError as error:
        return _refused(request, access, person, error)
    return _code(request, person, code)


@page("people:write")
@require_POST
@transaction.atomic
def reset_second_factors(request: HttpRequest, person_id: int) -> HttpResponse:
    access = access_of(request)
    person = person_to_change(access, person_id)
    try:
        services.reset_second_factors(access, person)
    except ValidationError as error:
        return _refused(request, access, person, error)
    messages.success(request, _("The second factors of %(name)s were removed.") % {"name": person.username})
    return redirect("person", person_id=person_id)


@page("people:write")
@require_POST
@transaction.atomic
def sign_out_everywhere(request: HttpRequest, person_id: int) -> HttpResponse:
    access = access_of(request)
    person = person_to_change(access, person_id)
    try:
        services.sign_out_everywhere(access, person)
    except ValidationError as error:
        return _refused(request, access, person, error)
    messages.success(request, _("%(name)s was signed out everywhere.") % {"name": person.username})
    return redirect("person", person_id=person_id)


@page("tokens:read")
def list_tokens(request: HttpRequest) -> HttpResponse:
    access = access_of(request)
    found = Paginator(visible_tokens(access), PER_PAGE).get_page(request.GET.get("page"))
    now = datetime.now(UTC)
    rows = [
        {
            "token": one,
            "role": word_of_role(one.role),
            "scopes": [word_of_scope(scope) for scope in one.scopes],
            "is_over": one.expires_at is not None and one.expires_at <= now,
        }
        for one in found.object_list
    ]
    context = {"page": found, "rows": rows, "may_write": access.may("tokens:write")}
    return render(request, "people/tokens.html", context)


@never_cache
@page("tokens:write")
def add_token(request: HttpRequest) -> HttpResponse:
    access = access_of(request)
    form = TokenForm(request.POST or None, access=access)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            row, token = services.issue_token(
                access, name=data["name"], scopes=data["scopes"], expires_at=datetime.now(UTC) + form.lasts
            )
        except ValidationError as error:
            form.refused(error)
        else:
            concerns(request, token_id=row.pk)
            return render(request, "people/token_made.html", {"row": row, "token": token})
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "people/token_new.html", {"form": form}, status=status)


@page("tokens:write")
@require_POST
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    token = get_object_or_404(visible_tokens(access_of(request)), pk=token_id)
    services.revoke_token(token)
    messages.success(request, _("The token %(name)s works no more.") % {"name": token.name})
    return redirect("tokens")


@page("people:read")
def show_roles(request: HttpRequest) -> HttpResponse:
    """The table of access.GRANTS, in words."""
    roles, rows = table_of_roles(access_of(request))
    return render(request, "people/roles.html", {"roles": roles, "rows": rows})


def _person(
    request: HttpRequest, access: Access, person_id: int, form: PersonForm, refused: str = ""
) -> HttpResponse:
    person = with_state(visible_people(access)).get(pk=person_id)
    context = {
        "person": person,
        "role": word_of_role(person.role),
        "form": form,
        "refused": refused,
        "may_write": access.may_give(person.role),
        "is_me": person.pk == access.person_id,
    }
    status = UNPROCESSABLE if form.errors or refused else 200
    return render(request, "people/person.html", context, status=status)


def _refused(request: HttpRequest, access: Access, person: Person, error: ValidationError) -> HttpResponse:
    form = PersonForm(person=person, access=access, version=version_of_person(person))
    return _person(request, access, person.pk, form, " ".join(error.messages))


def _code(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """The only time the code is shown."""
    return render(request, "people/code.html", {"person": person, "code": code})
