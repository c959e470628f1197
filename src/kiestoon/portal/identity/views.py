"""allauth's pages as the portal shows them: a form that is not right answers 422; then comes our page."""

from __future__ import annotations

from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from kiestoon.portal.identity.address import address_of
from kiestoon.portal.identity.forms import NO_PASSKEY, OneTimeCodeForm
from kiestoon.portal.identity.policy import is_last_factor
from kiestoon.portal.identity.services import choose_password
from kiestoon.portal.identity.signals import password_chosen

UNPROCESSABLE = 422


class _Unprocessable:
    """What the form refuses is shown with status 422."""

    def form_invalid(self, form: Any) -> HttpResponse:
        view: Any = self
        response: HttpResponse = view.render_to_response(view.get_context_data(form=form))
        response.status_code = UNPROCESSABLE
        return response


class SignIn(_Unprocessable, account.LoginView):
    """User name and password; a passkey alone is beside it."""


class SignInWithPasskey(passkeys.LoginWebAuthnView):
    """The browser's answer to a passkey challenge."""


class SecondStep(factors.AuthenticateView):
    """The code of an app, a recovery code, or a passkey."""

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)
        response.render()  # type: ignore[attr-defined]
        response.status_code = UNPROCESSABLE
        return response


class SignOut(account.LogoutView):
    """Asked first when the address was typed; a button needs no question."""


class PasswordAgain(_Unprocessable, account.ReauthenticateView):
    """Before something important: the password once more."""


class CodeAgain(_Unprocessable, factors.ReauthenticateView):
    """Before something important: a code once more."""


class PasskeyAgain(passkeys.ReauthenticateWebAuthnView):
    """Before something important: a passkey once more."""

    def form_invalid(self, form: Any) -> HttpResponse:
        messages.error(self.request, NO_PASSKEY)
        return redirect(self.request.get_full_path())


class ChangePassword(_Unprocessable, account.PasswordChangeView):
    """A new password; every other browser is signed out."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and not request.user.has_usable_password():
            messages.info(request, _("You have no password. Ask your administrator for a one-time code."))
            return redirect("account")
        return super().dispatch(request, *args, **kwargs)


class AddAuthenticator(_Unprocessable, totp.ActivateTOTPView):
    """Scan, then prove it with a code."""


class RemoveAuthenticator(_Unprocessable, totp.DeactivateTOTPView):
    """Asked first."""

    success_url = reverse_lazy("account")


class RecoveryCodes(recovery.ViewRecoveryCodesView):
    """Shown once, after they were made."""


class NewRecoveryCodes(_Unprocessable, recovery.GenerateRecoveryCodesView):
    """The old ones stop working."""


class AddPasskey(_Unprocessable, passkeys.AddWebAuthnView):
    """A name, then the browser asks for fingerprint, face or PIN."""


class RemovePasskey(passkeys.RemoveWebAuthnView):
    """Asked first; the last factor of somebody who must have one stays."""

    success_url = reverse_lazy("account")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        # Before it is asked who it is: what is not theirs is not there.
        if request.user.is_authenticated:
            get_object_or_404(Authenticator, user=request.user, type="webauthn", pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[no-untyped-call]
        return {**context, "is_last": is_last_factor(self.object)}

    def form_valid(self, form: Any) -> HttpResponse:
        if is_last_factor(self.object):
            return render(self.request, self.template_name, self.get_context_data(), status=UNPROCESSABLE)
        response: HttpResponse = super().form_valid(form)
        return response


@never_cache
@sensitive_post_parameters("code", "password", "again")
def use_one_time_code(request: HttpRequest) -> HttpResponse:
    """Choose a password with the code an administrator gave; then sign in with it."""
    form = OneTimeCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            person = choose_password(data["username"], data["code"], data["password"], address_of(request))
        except ValidationError as error:
            form.refused(error)
        else:
            password_chosen.send(type(person), request=request, person=person)
            messages.success(request, _("Your password is set. Sign in with it."))
            return redirect("account_login")
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "identity/one_time_code.html", {"form": form}, status=status)
