"""What was done, in words; what has none yet is shown by its name."""

from __future__ import annotations

from django.utils.translation import gettext as _


def words_of(action: str) -> str:
    """In the page's language; empty when nobody gave the action words."""
    words = {
        "sign-in": _("Signed in"),
        "sign-in-failed": _("A wrong password was entered"),
        "second-factor-failed": _("A wrong code was entered"),
        "factor-added": _("Added a second factor"),
        "factor-removed": _("Removed a second factor"),
        "factor-renewed": _("Made new recovery codes"),
        "password-changed": _("Changed the own password"),
        "password-chosen": _("Chose a password with a one-time code"),
        "account_logout": _("Signed out"),
        "account_language": _("Set the own language"),
        "end_session": _("Signed out another browser of their own"),
        "end_other_sessions": _("Signed out all other browsers of their own"),
        "add_person": _("Added a person"),
        "change_person": _("Changed a person"),
        "switch_person": _("Switched a person off or on"),
        "reset_password": _("Gave a person a one-time code"),
        "reset_second_factors": _("Removed the second factors of a person"),
        "sign_out_everywhere": _("Signed a person out everywhere"),
        "add_token": _("Made an API token"),
        "revoke_token": _("Revoked an API token"),
    }
    over_the_api = {
        "POST api/people": "add_person",
        "PATCH api/people/{person_id}": "change_person",
        "POST api/people/{person_id}/one-time-code": "reset_password",
        "DELETE api/people/{person_id}/second-factors": "reset_second_factors",
        "DELETE api/people/{person_id}/sessions": "sign_out_everywhere",
        "POST api/tokens": "add_token",
        "DELETE api/tokens/{token_id}": "revoke_token",
    }
    return words.get(over_the_api.get(action, action), "")


def word_of_factor(factor: str) -> str:
    words = {
        "totp": _("Authenticator app"),
        "webauthn": _("Passkey"),
        "recovery_codes": _("Recovery codes"),
    }
    return words.get(factor, factor)
