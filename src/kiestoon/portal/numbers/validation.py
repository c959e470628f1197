"""Numbers as people write them, checked against the Belgian plan (`belgium.numbering`)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from kiestoon.belgium.numbering import call_type, to_e164

HELD = ("geographic", "mobile", "free", "shared-cost", "premium")
"""Types of number a customer can hold."""


def read_e164(entered: str) -> str:
    """E.164 with + of an existing kind of number; raises ValidationError that quotes the entry."""
    number = to_e164(entered)
    if number is None or call_type(number) is None:
        raise ValidationError(
            _("Enter a number, for example 09 333 12 34 or +32 470 12 34 56. You entered “%(entered)s”."),
            code="e164",
            params={"entered": entered},
        )
    return number


def read_held_number(entered: str, blocks: list[str], *, ported_in: bool) -> str:
    """E.164 of a number a customer can hold: of the operator's blocks, or marked as ported in."""
    number = read_e164(entered)
    if call_type(number) not in HELD:
        raise ValidationError(
            _("%(number)s is not a Belgian number that a customer can hold."),
            code="not-held",
            params={"number": number},
        )
    ours = any(number.startswith(block) for block in blocks)
    if not ours and not ported_in:
        raise ValidationError(
            _("%(number)s is outside the operator's number blocks. If it was ported in, mark it so."),
            code="outside-blocks",
            params={"number": number},
        )
    return number
