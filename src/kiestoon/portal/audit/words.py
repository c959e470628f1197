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
        "show_call_numbers": _("Read the masked numbers of a call"),
        "add_user": _("Added a telephone user"),
        "edit_user": _("Changed a telephone user"),
        "bar_calls": _("Changed what a user may not call"),
        "lock_user": _("Locked or unlocked a user’s phones"),
        "suspend_user": _("Suspended a user or took it up again"),
        "delete_user": _("Removed a telephone user"),
        "new_phone_password": _("Made a new password for a user’s phones"),
        "set_up_phone": _("Made a QR code for a user’s phone"),
        "remove_device": _("Switched a device off"),
        "forwarding_of": _("Changed forwarding and blocking"),
        "blocked_numbers": _("Changed the callers a customer refuses"),
        "number": _("Changed where a number rings"),
        "give_number": _("Gave a number to a customer"),
        "take_back_number": _("Took a number back"),
        "add_trunk": _("Added a trunk"),
        "edit_trunk": _("Changed a trunk"),
        "delete_trunk": _("Removed a trunk"),
        "special_interface": _("Changed the agreement of a special interface"),
        "operator": _("Changed the operator’s settings"),
        "add_customer": _("Added a customer"),
        "edit_customer": _("Changed a customer"),
        "add_address": _("Added an address"),
        "edit_address": _("Changed an address"),
        "customer_notice": _("Accepted the notice on emergency calls"),
        "directory_number": _("Corrected what directories and emergency centres have of a number"),
        "open-emergency-log": _("Opened the log of emergency calls"),
        "open-emergency-call": _("Opened an emergency call"),
        "emergency_contact": _("Changed whom we tell of emergency calls"),
        "emergency_reception": _("Changed whether a reception is told of emergency calls"),
        "record_number_count": _("Recorded a report, a total, an agreement or a notice"),
        "mark_malicious": _("Marked a call as malicious"),
        "change_malicious_call": _("Handled a malicious call"),
        "notice_came_back": _("Recorded that a notice came back"),
        "choose_address": _("Chose the address of a customer"),
    }
    over_the_api = {
        "POST api/people": "add_person",
        "PATCH api/people/{person_id}": "change_person",
        "POST api/people/{person_id}/one-time-code": "reset_password",
        "DELETE api/people/{person_id}/second-factors": "reset_second_factors",
        "DELETE api/people/{person_id}/sessions": "sign_out_everywhere",
        "POST api/tokens": "add_token",
        "DELETE api/tokens/{token_id}": "revoke_token",
        "POST api/notice/acceptances": "customer_notice",
        "PATCH api/users/{username}": "edit_user",
        "PATCH api/customers/{customer_id}": "edit_customer",
        "PATCH api/trunks/{trunk_id}": "edit_trunk",
        "PATCH api/trunks/{trunk_id}/agreement": "special_interface",
        "PATCH api/operator": "operator",
    }
    return words.get(over_the_api.get(action, action), "")


def word_of_factor(factor: str) -> str:
    words = {
        "totp": _("Authenticator app"),
        "webauthn": _("Passkey"),
        "recovery_codes": _("Recovery codes"),
    }
    return words.get(factor, factor)
