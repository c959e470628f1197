"""Where allauth asks us: our words, our limits, our policy. No sign-up, no mail, no social accounts."""

from __future__ import annotations

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from kiestoon.portal.identity.models import Attempt
from kiestoon.portal.identity.policy import is_last_factor
from kiestoon.portal.identity.services import begin_attempt, forget_attempt
from kiestoon.portal.identity.signals import sign_in_failed
from kiestoon.portal.people.models import Person

SAID = {
    "account/messages/password_changed.txt": _(
        "Your password was changed. You stay signed in here, and were signed out everywhere else."
    ),
    "mfa/messages/totp_activated.txt": _(
        "The authenticator app is set up: you are asked for a code from now on."
    ),
    "mfa/messages/totp_deactivated.txt": _("The authenticator app was removed: its codes no longer work."),
    "mfa/messages/webauthn_added.txt": _("The passkey was added."),
    "mfa/messages/webauthn_removed.txt": _("The passkey was removed: it no longer signs you in."),
    "mfa/messages/recovery_codes_generated.txt": _("New recovery codes were made. They are shown this once."),
}
"""What is said after a change, by the name of the template allauth would show."""


class AccountAdapter(DefaultAccountAdapter):
    """Signing in with a user name and a password."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _(
            "The user name or the password is not right. Nothing else is said, so that nobody can find out "
            "which names exist."
        ),
        "incorrect_password": _("This is not your password."),
        "enter_current_password": _("This is not your present password."),
        "incorrect_code": _(
            "The code is not right. Enter the code your app shows now, or an unused recovery code."
        ),
    }
    _attempt: Attempt | None = None

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        return ["allauth.mfa.stages.AuthenticateStage"]

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        raise NotImplementedError("the portal sends no mail about accounts")

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        self._attempt = begin_attempt(credentials.get("username", ""), self.get_client_ip(request))

    def _rollback_login_failed_rl_usage(self) -> None:
        if self._attempt is not None:
            forget_attempt(self._attempt)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        sign_in_failed.send(type(self), request=request, username=credentials.get("username", ""))

    def reauthenticate(self, user: Any, password: str) -> bool:
        """By user name alone: allauth's own looks for mail addresses too, of which there are none."""
        found = self.authenticate(self.request, username=user.username, password=password)
        return found is not None and found.pk == user.pk

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not in the first minutes after signing in, which proved the same."""
        records = get_authentication_records(self.request, self.request.user)
        recent = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
        return not any(record["at"] > recent for record in records)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        language = request.user.language if isinstance(request.user, Person) else ""
        if not language:
            return reverse("home")
        with override(language):
            return reverse("home")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        words = message or SAID.get(message_template or "")
        if words:
            messages.add_message(request, level, words, extra_tags=extra_tags)

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        # The words for a wrong password: whether somebody was switched off is nobody's business.
        messages.error(request, self.error_messages["username_password_mismatch"])
        return redirect("account_login")


class FactorAdapter(DefaultMFAAdapter):
    """Second factors and passkeys."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
        "cannot_delete_authenticator": _(
            "Your role needs a second factor: set up another one first, then remove this one."
        ),
        "cannot_generate_recovery_codes": _("Recovery codes come with a second factor: set one up first."),
    }

    def get_totp_label(self, user: Any) -> str:
        return str(user.username)

    def _get_user_identifier(self, user: Any) -> str:
        return str(user.username)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not is_last_factor(authenticator)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        return gettext("Passkey %(number)d") % {
            "number": Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        }

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """The audit log tells it."""
