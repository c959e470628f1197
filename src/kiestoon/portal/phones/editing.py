"""Pages that change a telephone user: add, change, bar, suspend, remove."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from kiestoon.belgium.numbering import as_written
from kiestoon.portal.audit.middleware import concerns
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.notices.asking import read_first
from kiestoon.portal.pages.form_page import FormPage, for_change, is_done, sent, show
from kiestoon.portal.pages.rooms import access_of, page
from kiestoon.portal.phones.devices import switch_off
from kiestoon.portal.phones.forms import BarringForm, NewUserForm, SureForm, UserForm
from kiestoon.portal.phones.listing import forwarded_here, forwarding_words, visible_users
from kiestoon.portal.phones.models import CallType, TelephoneUser
from kiestoon.portal.phones.services import (
    change_user,
    create_user,
    new_password,
    propose_username,
    remove_user,
)
from kiestoon.portal.phones.setup import show_password


def user_for_change(request: HttpRequest, username: str) -> TelephoneUser:
    """The user, locked when this request may change it; 404 for one this person does not see."""
    return get_object_or_404(for_change(request, visible_users(access_of(request))), username=username)


def _page(user: TelephoneUser, title: str, button: str, *lead: str, is_final: bool = False) -> FormPage:
    return FormPage(title, button, reverse("user", args=[user.username]), user.name, lead, is_final)


@page("users:write")
def add_user(request: HttpRequest, customer_id: int) -> HttpResponse:
    """The answer to the form shows the password: it is kept nowhere, so there is no page to be sent to."""
    customers = access_of(request).visible(Customer.objects.all(), customer="pk")
    customer = get_object_or_404(customers, pk=customer_id)
    if request.method == "GET" and (notice := read_first(request, customer, "add_user", customer_id)):
        return notice
    form = NewUserForm(sent(request))
    password = new_password()
    made: list[TelephoneUser] = []

    def make(given: dict[str, str]) -> None:
        username = given.pop("username") or propose_username(given["name"], customer)
        made.append(create_user(customer, username=username, password=password, **given))

    with transaction.atomic():
        done = is_done(request, form, make)
    if done:
        concerns(request, username=made[0].username)
        return show_password(request, made[0], password, is_new=True)
    title = _("Add a user to %(customer)s") % {"customer": customer.name}
    return show(request, FormPage(title, _("Add the user"), reverse("users"), _("Users and devices")), form)


@page("users:write")
@transaction.atomic
def edit_user(request: HttpRequest, username: str) -> HttpResponse:
    user = user_for_change(request, username)
    form = UserForm(sent(request), user=user)
    if is_done(request, form, lambda given: change_user(user, **given)):
        messages.success(request, _("%(name)s is changed, from the next call on.") % {"name": user.name})
        return redirect("user", username)
    user.refresh_from_db()
    return show(request, _page(user, _("Change %(name)s") % {"name": user.name}, _("Save the user")), form)


@page("users:write")
@transaction.atomic
def bar_calls(request: HttpRequest, username: str) -> HttpResponse:
    user = user_for_change(request, username)
    form = BarringForm(sent(request), user=user)
    if is_done(request, form, lambda given: change_user(user, **given)):
        messages.success(request, _("What %(name)s may call is changed.") % {"name": user.name})
        return redirect("user", username)
    title = _("What may %(name)s not call?") % {"name": user.name}
    lead = _("Choose all of them to lock the phone. Emergency numbers and helplines always work.")
    return show(request, _page(user, title, _("Save what is barred"), lead), form)


@page("users:write")
@transaction.atomic
def lock_user(request: HttpRequest, username: str) -> HttpResponse:
    """Bar every kind of outgoing call, or allow all of them again."""
    user = user_for_change(request, username)
    is_locked = set(CallType.values) <= set(user.barred)
    form = SureForm(sent(request), user=user)
    barred = [] if is_locked else list(CallType.values)
    if is_done(request, form, lambda _given: change_user(user, barred=barred)):
        said = _("%(name)s may call again.") if is_locked else _("%(name)s can only be called now.")
        messages.success(request, said % {"name": user.name})
        return redirect("user", username)
    if is_locked:
        title, button = _("Unlock %(name)s's phones?"), _("Unlock the phones")
        lead = _("They may call anybody again, also what was barred before the lock.")
    else:
        title, button = _("Lock %(name)s's phones?"), _("Lock the phones")
        lead = _("They can be called, but call nobody: only emergency numbers and helplines.")
    return show(request, _page(user, title % {"name": user.name}, button, lead), form)


@page("users:write")
@transaction.atomic
def suspend_user(request: HttpRequest, username: str) -> HttpResponse:
    """Suspend, or resume; the operator only."""
    if not access_of(request).is_operator:
        raise PermissionDenied
    user = user_for_change(request, username)
    was = user.suspended
    form = SureForm(sent(request), user=user)
    if is_done(request, form, lambda _given: change_user(user, suspended=not was)):
        said = _("%(name)s is in service again.") if was else _("%(name)s is suspended.")
        messages.success(request, said % {"name": user.name})
        return redirect("user", username)
    if was:
        title, button = _("Resume %(name)s?"), _("Resume the user")
        lead = _("Calls to and from this user work again, from the next call on.")
    else:
        title, button = _("Suspend %(name)s?"), _("Suspend the user")
        lead = _("Nobody reaches this user any more, and its phones reach emergency services only.")
    return show(request, _page(user, title % {"name": user.name}, button, lead), form)


@page("users:write")
@transaction.atomic
def delete_user(request: HttpRequest, username: str) -> HttpResponse:
    user = user_for_change(request, username)
    form = SureForm(sent(request), user=user)
    name, lead = user.name, _consequences(user)
    if is_done(request, form, lambda _given: remove_user(user)):
        transaction.on_commit(lambda: switch_off(username))
        messages.success(request, _("%(name)s is removed.") % {"name": name})
        return redirect("users")
    title = _("Remove %(name)s?") % {"name": name}
    return show(request, _page(user, title, _("Remove the user"), *lead, is_final=True), form)


def _consequences(user: TelephoneUser) -> list[str]:
    said = [
        _("The phones of %(name)s stop working at once. A call that is going on goes on.")
        % {"name": user.name},
        _("The list of calls keeps what was called. This cannot be undone."),
    ]
    if numbers := list(user.numbers.values_list("e164", flat=True)):
        said.append(
            _("These numbers still ring this user, point them elsewhere first: %(numbers)s.")
            % {"numbers": ", ".join(as_written(number) for number in numbers)}
        )
    for one in forwarded_here(user):
        said.append(
            _("%(name)s's forwarding will no longer work: %(forwarding)s.")
            % {"name": one.user.name, "forwarding": forwarding_words(one)}
        )
    if people := list(user.people.values_list("username", flat=True)):
        said.append(
            _("Whoever signs in as %(people)s loses the phone in the browser.")
            % {"people": ", ".join(people)}
        )
    return said
