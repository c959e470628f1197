"""States and ways of saying, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from kiestoon.portal.emergency.models import LocationQuestion, Place


@dataclass(frozen=True)
class StateWords:
    """`shape` is the key of a status."""

    shape: str
    words: str


def state_words() -> dict[str, StateWords]:
    return {
        "confirmed": StateWords("ok", _("Confirmed")),
        "declared": StateWords("wait", _("Declared")),
        "stale": StateWords("warn", _("Moved since")),
        "unknown": StateWords("bad", _("Not known")),
    }


def how_words() -> dict[str, str]:
    """How somebody said where a device is."""
    return {
        Place.How.SOFTPHONE: _("on the phone in the browser"),
        Place.How.PORTAL: _("on this page"),
        Place.How.MAIL_LINK: _("by the link in a mail"),
        Place.How.CALL: _("asked by telephone"),
        Place.How.API: _("by a program"),
    }


def asked_words(question: LocationQuestion) -> StateWords:
    """What became of asking by one way."""
    if question.answer_id is not None:
        return StateWords("ok", _("Answered"))
    if question.closed_at is not None:
        return StateWords("off", _("No answer needed any more"))
    became: dict[str, StateWords] = {
        LocationQuestion.Sending.WAITING: StateWords("wait", _("The mail waits for the mail server")),
        LocationQuestion.Sending.REFUSED: StateWords("bad", _("The mail server refused the address")),
        LocationQuestion.Sending.NO_ADDRESS: StateWords("bad", _("Nobody has a mail address")),
    }
    return became.get(question.sending, StateWords("wait", _("Not answered yet")))


def channel_words() -> dict[str, str]:
    return {
        LocationQuestion.Channel.BROWSER: _("in the phone in the browser"),
        LocationQuestion.Channel.MAIL: _("by mail"),
        LocationQuestion.Channel.CALL: _("by a call of ours"),
    }
