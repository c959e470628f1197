"""Signing in, and one's own account; include below a language. allauth looks its pages up by these names."""

from __future__ import annotations

from django.urls import path

from kiestoon.portal.identity import account, views

urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="account_login"),
    path("sign-in/passkey/", views.SignInWithPasskey.as_view(), name="mfa_login_webauthn"),
    path("sign-in/second-step/", views.SecondStep.as_view(), name="mfa_authenticate"),
    path("sign-in/one-time-code/", views.use_one_time_code, name="one_time_code"),
    path("sign-out/", views.SignOut.as_view(), name="account_logout"),
    path("account/", account.show_account, name="account"),
    path("account/", account.show_account, name="mfa_index"),
    path("account/language/", account.set_language, name="account_language"),
    path("account/second-factor/", account.choose_second_factor, name="second_factor"),
    path("account/confirm/", views.PasswordAgain.as_view(), name="account_reauthenticate"),
    path("account/confirm/code/", views.CodeAgain.as_view(), name="mfa_reauthenticate"),
    path("account/confirm/passkey/", views.PasskeyAgain.as_view(), name="mfa_reauthenticate_webauthn"),
    path("account/password/", views.ChangePassword.as_view(), name="account_change_password"),
    path("account/app/", views.AddAuthenticator.as_view(), name="mfa_activate_totp"),
    path("account/app/remove/", views.RemoveAuthenticator.as_view(), name="mfa_deactivate_totp"),
    path("account/recovery-codes/", views.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path("account/recovery-codes/new/", views.NewRecoveryCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("account/passkeys/new/", views.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/remove/", views.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("account/sessions/end-others/", account.end_other_sessions, name="end_other_sessions"),
    path("account/sessions/<int:session_id>/end/", account.end_session, name="end_session"),
]
