"""What the audit trail hears of, besides allauth's own signals."""

from __future__ import annotations

from django.dispatch import Signal

sign_in_failed = Signal()
"""A wrong password. `request`, and `username` as entered."""
password_chosen = Signal()
"""With a one-time code. `request`, `person`."""
