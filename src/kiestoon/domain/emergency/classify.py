"""Is this an emergency call, and of which class? Read before anything else on every call."""

from __future__ import annotations

from dataclasses import dataclass

from kiestoon.belgium.emergency_numbers import ON_SITE, REMOTE_E164, REMOTE_SHORT, SOS_URN, EmergencyClass
from kiestoon.belgium.numbering import strip_separators, to_e164
from kiestoon.domain.emergency.clir_code import without_clir_code

_URN = "urn:service:sos"
LONGEST_PREFIX = 3
"""Digits an outside-line prefix has at most."""


@dataclass(frozen=True, slots=True)
class EmergencyService:
    """`number` is what the centre is called by: the short number, or E.164 of a helpline."""

    number: str
    service: str
    emergency_class: EmergencyClass


def classify(dialled: str, outside_prefix: str = "") -> EmergencyService | None:
    """The emergency service this address reaches, in every way people dial it, or None.

    `dialled` is a user part (112, 0112, +32112, 0032112, *31#112, "070 245 245") or a URN (RFC 5031);
    `outside_prefix` is what the customer's users dial for an outside line.

    >>> classify("0112").number, classify("urn:service:sos.police").number, classify("105")
    ('112', '101', None)
    >>> classify("#31#112").number, classify("9112"), classify("9112", "9").number
    ('112', None, '112')
    """
    lowered = dialled.strip().lower()
    if lowered.startswith(_URN):
        rest = lowered[len(_URN) :].partition(";")[0]
        if rest and not rest.startswith("."):
            return None
        number = SOS_URN.get(rest[1:].split(".")[0], "112")
        return EmergencyService(number, ON_SITE[number], "on-site")
    number = _digits(lowered)
    found = _by_number(number)
    if found is None and outside_prefix and number.startswith(outside_prefix):
        found = _by_number(_digits(number[len(outside_prefix) :]))
    return found


def is_on_site(dialled: str, outside_prefix: str = "") -> bool:
    """Whether this address reaches the services that come to the place: 100, 101, 112."""
    found = classify(dialled, outside_prefix)
    return found is not None and found.emergency_class == "on-site"


def may_be_on_site(dialled: str) -> bool:
    """Whether some customer's outside-line prefix would make this an on-site emergency call.

    >>> may_be_on_site("9112"), may_be_on_site("0470123112")
    (True, False)
    """
    number = _digits(dialled.strip().lower())
    return any(is_on_site(number[length:]) for length in range(1, min(LONGEST_PREFIX, len(number)) + 1))


def _digits(dialled: str) -> str:
    return strip_separators(without_clir_code(dialled.partition(";")[0])[0])


def _by_number(number: str) -> EmergencyService | None:
    if len(number) > 14 or not number:
        return None
    short = number
    # 0112 and +32112 are old habits and what some devices make of 112; no Belgian number looks like them.
    for prefix in ("+32", "0032", "0"):
        if number.startswith(prefix):
            short = number[len(prefix) :]
            break
    if short in ON_SITE:
        return EmergencyService(short, ON_SITE[short], "on-site")
    if short in REMOTE_SHORT:
        return EmergencyService(short, REMOTE_SHORT[short], "remote")
    e164 = to_e164(number)
    if e164 in REMOTE_E164:
        return EmergencyService(e164, REMOTE_E164[e164], "remote")
    return None
