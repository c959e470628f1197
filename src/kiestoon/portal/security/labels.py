"""What the edge's codes mean, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kiestoon.vocabulary.ban import BY_HAND


def reason(code: str) -> str:
    """Why a source is banned; the code itself when it is new."""
    words = {
        "wrong-password": _("Wrong passwords"),
        "unknown-user": _("Tried users that do not exist"),
        "unanswered-challenge": _("Asked again and again without a password"),
        "malformed": _("Malformed messages"),
        "scanner": _("Calls itself a known scanner"),
        "connections": _("Too many connections"),
        BY_HAND: _("Banned by hand"),
    }
    return words.get(code, code)


def event(what: str) -> str:
    """A security event of the journal."""
    words = {
        "number-missed": _("Called many numbers that do not exist"),
        "overload": _("Requests put off: more came in than could be served"),
        "not-noted": _("More events than could be noted"),
        "too-many-bans": _("Not banned: there are too many bans"),
    }
    banned, _colon, code = what.partition(": ")
    if banned == "banned":
        return _("Banned: %s") % reason(code)
    return words.get(what) or reason(what)
