"""The Belgian dialling plan: from what is dialled to E.164, and the type of call it is.

Sources: RD Numbering of 27 April 2007 (arts. 40-63). Number lengths stand in a ministerial decree that
was not found; those below are libphonenumber's (open data, not law) and are marked to verify.
"""

from __future__ import annotations

import re
from typing import Final

from kiestoon.vocabulary.configuration import CallType

COUNTRY_CODE: Final = "32"

# National significant numbers (no leading 0). To verify: lengths come from open data.
_GEOGRAPHIC: Final = re.compile(
    r"(?:80[2-8]\d{5}|(?:1[0-69]|[23][2-8]|4[23]|5\d|6[013-57-9]|71|8[1-79]|9[2-4])\d{6})\Z"
)
_TYPES: Final[tuple[tuple[re.Pattern[str], CallType], ...]] = (
    (re.compile(r"800[1-9]\d{4}\Z"), "free"),
    (_GEOGRAPHIC, "geographic"),
    (re.compile(r"4[5-9]\d{7}\Z"), "mobile"),
    (re.compile(r"78\d{6}\Z"), "shared-cost"),
    (re.compile(r"70\d{6}\Z"), "premium"),
    (re.compile(r"90\d{6}\Z"), "premium"),
)
_SEPARATORS: Final = str.maketrans("", "", " -.()/\u00a0")
_SHORT: Final = re.compile(r"(?:1\d{2,3}|116\d{3})\Z")
_INTERNATIONAL: Final = re.compile(r"[1-9]\d{6,14}\Z")


def strip_separators(dialled: str) -> str:
    """Remove what people write between digits: "03 808-01.01" becomes "038080101"."""
    return dialled.translate(_SEPARATORS)


def to_e164(dialled: str) -> str | None:
    """E.164 with + for national (0...), international (00..., +...) input; None for anything else.

    >>> to_e164("0470123456"), to_e164("003238080101"), to_e164("112")
    ('+32470123456', '+3238080101', None)
    """
    number = strip_separators(dialled)
    if number.startswith("+"):
        digits = number[1:]
    elif number.startswith("00"):
        digits = number[2:]
    elif number.startswith("0"):
        digits = COUNTRY_CODE + number[1:]
    else:
        return None
    if not (digits.isascii() and digits.isdigit()):
        return None
    return "+" + digits


def is_short(number: str) -> bool:
    """Whether this is a short number (3 or 4 digits from 1, or 116xxx)."""
    return _SHORT.match(number) is not None


def call_type(e164: str) -> CallType | None:
    """The type of call a number makes, or None when the plan has no such number.

    >>> call_type("+32470123456"), call_type("+3288123456"), call_type("+3190")
    ('mobile', None, None)
    """
    if e164.startswith("+32"):
        national = e164[3:]
        if is_short(national):
            return "short"
        for pattern, kind in _TYPES:
            if pattern.match(national):
                return kind
        return None
    return "international" if _INTERNATIONAL.match(e164[1:]) else None


def may_be_cli(e164: str) -> bool:
    """Whether a number may be shown as calling line identity: never free, premium, shared-cost or short.

    Source: WEC art. 121 §4 (a number that identifies the caller); the exclusion of 0800, 070, 078 and
    090x is [S], to verify with BIPT's list under art. 121 §6.
    """
    return call_type(e164) in ("geographic", "mobile", "international")


_WRITTEN: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"(800|90\d)(\d\d)(\d{3})\Z"), "0{} {} {}"),
    (re.compile(r"(4[5-9]\d)(\d\d)(\d\d)(\d\d)\Z"), "0{} {} {} {}"),
    (re.compile(r"(4|[239])(\d{3})(\d\d)(\d\d)\Z"), "0{} {} {} {}"),
    (re.compile(r"(\d\d)(\d\d)(\d\d)(\d\d)\Z"), "0{} {} {} {}"),
)
"""Groups people write: zones 02, 03, 04 and 09 are short, all others have three digits with their 0."""


def as_written(number: str) -> str:
    """A Belgian number as it is written here; any other as it is.

    >>> as_written("+32470123456"), as_written("+3238080101"), as_written("+3281880201")
    ('0470 12 34 56', '03 808 01 01', '081 88 02 01')
    >>> as_written("+33145678901"), as_written("112")
    ('+33145678901', '112')
    """
    if call_type(number) in (None, "international", "short"):
        return number
    for pattern, form in _WRITTEN:
        if groups := pattern.match(number[3:]):
            return form.format(*groups.groups())
    return number


def masked(number: str) -> str:
    """A number that keeps its beginning and last two digits; short ones and extensions are nobody's secret.

    >>> masked("+32470123456"), masked("+3238080101"), masked("+33145678901"), masked("112")
    ('0470 ·· ·· 56', '03 80· ·· 01', '+3314·····01', '112')
    """
    if sum(map(str.isdigit, number)) < MASKED_FROM:
        return number
    written = as_written(number)
    total = sum(map(str.isdigit, written))
    shown, seen = "", 0
    for sign in written:
        seen += sign.isdigit()
        shown += "·" if sign.isdigit() and 4 < seen <= total - 2 else sign
    return shown


MASKED_FROM: Final = 7
"""Numbers of fewer digits are short numbers and extensions."""
