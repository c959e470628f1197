"""What a request's route is called in the trail."""

from __future__ import annotations

import re

from django.urls import ResolverMatch

UNRECORDED = frozenset(
    {
        *("account_login", "mfa_login_webauthn", "mfa_authenticate", "one_time_code"),
        *("account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"),
        *("account_change_password", "mfa_activate_totp", "mfa_deactivate_totp"),
        *("mfa_generate_recovery_codes", "mfa_add_webauthn", "mfa_remove_webauthn", "set_language"),
        "where_now",
    }
)
"""Pages whose outcome the signals tell better (audit.signals), the language of one browser, and the mailed
link that records itself: its address is a secret."""

_CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")


def action_of(method: str, match: ResolverMatch) -> str:
    """A page's name; of the API method and path ("PATCH api/users/{username}")."""
    if match.route.startswith("api/"):
        return f"{method} " + _CONVERTER.sub(r"{\1}", match.route)
    return match.view_name
