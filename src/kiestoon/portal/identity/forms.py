"""allauth's forms in our words and looks, and our own: a one-time code, a language."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm
from allauth.account.forms import ReauthenticateForm as AllauthPasswordAgainForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as AllauthCodeAgainForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kiestoon.portal.customers.models import Language
from kiestoon.portal.identity.address import address_of
from kiestoon.portal.identity.services import begin_attempt, forget_attempt
from kiestoon.portal.pages.forms import Form, dress

PASSWORD_RULES = _(
    "At least 12 characters, not only digits, none of the common passwords and not like your name. "
    "A few unrelated words are easy to remember and hard to guess."
)


NO_PASSKEY = _(
    "The passkey did not work: it was refused, took too long or is not known here. "
    "Try again, or use another way."
)


class SignInForm(LoginForm):
    """User name and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields.pop("remember", None)
        _word(self, "login", _("User name"), autocapitalize="none")
        _word(self, "password", _("Password"))
        dress(self)

    def add_prefix(self, field_name: str) -> str:
        """allauth calls the field "login"; password managers and programs know "username"."""
        return super().add_prefix("username" if field_name == "login" else field_name)


class PasswordAgainForm(AllauthPasswordAgainForm):
    """The password once more, before something important."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        _word(self, "password", _("Password"))
        dress(self)


class ChangePasswordForm(AllauthChangePasswordForm):
    """A new password, entered twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        _word(self, "oldpassword", _("Present password"))
        _word(self, "password1", _("New password"), help_text=PASSWORD_RULES)
        _word(self, "password2", _("New password, again"))
        dress(self)


class _CountedCode(BaseAuthenticateForm):
    """A code of an app or a recovery code; tries are counted like passwords."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        _word(self, "code", _("Code"), inputmode="numeric")
        dress(self)

    def clean_code(self) -> str:
        attempt = begin_attempt(f"code:{self.user.username}", address_of(context.request))
        code: str = super().clean_code()
        forget_attempt(attempt)
        return code


class CodeForm(_CountedCode, AuthenticateForm):
    """The second step of signing in."""


class CodeAgainForm(_CountedCode, AllauthCodeAgainForm):
    """A code once more, before something important."""


class AuthenticatorForm(ActivateTOTPForm):
    """The first code of a new authenticator app proves that it took the secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        _word(self, "code", _("Code of 6 digits"), inputmode="numeric")
        dress(self)


class _Passkey(AuthenticateWebAuthnForm):
    """What a browser answers to a challenge; anybody may send anything here."""

    def clean_credential(self) -> Authenticator:
        with _well_formed():
            return super().clean_credential()


class PasskeyStepForm(_Passkey):
    """A passkey as the second step of signing in."""


class PasskeyAloneForm(_Passkey, LoginWebAuthnForm):
    """A passkey instead of a password."""


class PasskeyAgainForm(_Passkey, ReauthenticateWebAuthnForm):
    """A passkey once more, before something important."""


class PasskeyForm(AddWebAuthnForm):
    """A name for the passkey; its credential comes from the browser."""

    def clean(self) -> dict[str, Any]:
        with _well_formed():
            return super().clean()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.initial["passwordless"] = True
        self.fields["credential"].label = _("Passkey")
        self.fields["credential"].error_messages["required"] = _(
            "The browser gave none: press “Add passkey”."
        )
        _word(self, "name", _("Name"), help_text=_("So that you recognise it, for example: my telephone."))
        _word(
            self,
            "passwordless",
            _("Sign in with this passkey alone"),
            help_text=_(
                "The device then asks for your fingerprint, face or PIN. Without: only as a second factor."
            ),
        )
        dress(self)


class OneTimeCodeForm(Form):
    """Choose a password with the code an administrator gave."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none"}),
    )
    code = forms.CharField(
        label=_("One-time code"), max_length=40, widget=forms.TextInput({"autocomplete": "off"})
    )
    password = forms.CharField(
        label=_("New password"),
        help_text=PASSWORD_RULES,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("New password, again"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if "password" in self.cleaned_data and again != self.cleaned_data["password"]:
            raise ValidationError(_("The two passwords differ: enter the same one twice."))
        return again


class LanguageForm(Form):
    """The language the portal opens in."""

    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("As my browser asks")), *Language.choices]
    )


@contextmanager
def _well_formed() -> Iterator[None]:
    """fido2 reads a credential as if the browser had made it: what it trips over is a refusal, no fault."""
    try:
        yield
    except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ValidationError(NO_PASSKEY, code="incorrect_code") from error
    except ValidationError as error:
        raise ValidationError(NO_PASSKEY, code=error.code or "incorrect_code") from error


def _word(form: forms.BaseForm, name: str, label: Any, help_text: Any = "", **attributes: str) -> None:
    """Our label and help, no placeholder: a placeholder disappears while one types."""
    field = form.fields[name]
    field.label, field.help_text = label, help_text
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attributes)
