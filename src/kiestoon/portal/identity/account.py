"""My account: how do I sign in, and where am I signed in?"""

from __future__ import annotations

from typing import cast

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST

from kiestoon.portal.identity import services
from kiestoon.portal.identity.forms import LanguageForm
from kiestoon.portal.identity.policy import has_second_factor, needs_second_factor
from kiestoon.portal.people.models import Person


@login_required
def show_account(request: HttpRequest) -> HttpResponse:
    return _show(request, LanguageForm(initial={"language": _person(request).language}))


@login_required
def choose_second_factor(request: HttpRequest) -> HttpResponse:
    """Where somebody is led whose role needs a second factor: an app or a passkey."""
    if has_second_factor(_person(request)):
        return redirect("account")
    return render(request, "identity/second_factor.html")


@login_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    form = LanguageForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=422)
    language = form.cleaned_data["language"]
    services.set_language(_person(request), language)
    with override(language or None):
        messages.success(request, _("The language was set: the portal opens in it when you sign in."))
        return redirect(reverse("account")) if language else redirect("account")


@login_required
@require_POST
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """Sign out one other browser of mine."""
    session = get_object_or_404(UserSession, user=_person(request), pk=session_id)
    raise_if_reauthentication_required(request, app="allauth.account")
    services.end_session(session)
    messages.success(request, _("That browser is signed out."))
    return redirect("account")


@login_required
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    raise_if_reauthentication_required(request, app="allauth.account")
    person = _person(request)
    services.end_all_sessions(person)
    update_session_auth_hash(request, person)
    UserSession.objects.create_from_request(request)
    messages.success(request, _("You are signed out everywhere else."))
    return redirect("account")


def _person(request: HttpRequest) -> Person:
    return cast(Person, request.user)


def _show(request: HttpRequest, form: LanguageForm, status: int = 200) -> HttpResponse:
    person = _person(request)
    own = Authenticator.objects.filter(user_id=person.pk).order_by("created_at")
    codes = next((one for one in own if one.type == Authenticator.Type.RECOVERY_CODES), None)
    context = {
        "person": person,
        "form": form,
        "app": next((one for one in own if one.type == Authenticator.Type.TOTP), None),
        "passkeys": [one.wrap() for one in own if one.type == Authenticator.Type.WEBAUTHN],
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else None,
        "has_factor": has_second_factor(person),
        "needs_factor": needs_second_factor(person),
        "sessions": [
            {"row": one, "is_current": one.session_key == request.session.session_key}
            for one in sorted(
                UserSession.objects.purge_and_list(person), key=lambda one: one.last_seen_at, reverse=True
            )
        ],
    }
    return render(request, "identity/account.html", context, status=status)
