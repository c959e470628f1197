"""The duties in the reader's language: the register's English is the source of the translations.

A test compares the English here with the register's.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Words:
    """A duty's title and its rule, and what proves it."""

    title: str
    summary: str
    evidence: str


def words() -> dict[str, Words]:
    """By the duties' keys."""
    return {
        "emergency-calls": Words(
            _("Emergency services can always be called"),
            _(
                "100, 101 and 112 reach a centre with the caller's number, name and place, whatever is the "
                "matter with the account; the helplines of RD Emergency art. 2 are free, never barred, and "
                "get the number only."
            ),
            _("every emergency call's record: class, path, number, place and outcome; the drills"),
        ),
        "nomadic-emergency-calls": Words(
            _("112 from a nomadic device whose place is not known"),
            _(
                "A call to 100, 101 or 112 from a nomadic device whose place is out of date or unknown goes "
                "to the centre of the last known address, which is told so; only under a recorded decision "
                "with its document does the caller hear an announcement instead. Every other emergency call "
                "is routed."
            ),
            _(
                "the nomadic-place reason of each emergency call from a nomadic device, and the decisions on "
                "the policy"
            ),
        ),
        "calling-line-identity": Words(
            _("The number shown is the caller's own, and callers and called have their say"),
            _(
                "A caller shows a number its customer holds; a forwarded call shows the original caller; "
                "anyone may withhold the number, refuse calls without one, and stop calls that others "
                "forward to them, free of charge."
            ),
            _("the cli-guard, anonymous and third-party-forwarding reasons of calls"),
        ),
        "call-barring": Words(
            _("Subscribers bar types of call, free of charge"),
            _(
                "On request, outgoing calls of a type or to a category of numbers are refused; emergency "
                "services are never among them."
            ),
            _("the barring reasons of refused calls, and the setting's history"),
        ),
        "spoofed-numbers": Words(
            _("Calls from abroad with a Belgian number are blocked"),
            _(
                "A call that comes in on an international interface with a Belgian number as calling line "
                "identity is blocked, except where article 3 or the special interface of article 4 lets it "
                "pass; a Belgian mobile number passes when its subscriber is abroad, or without the number "
                "when that provably cannot be checked. Who made a call over the special interface is told to "
                "BIPT within 24 hours."
            ),
            _("the reasons of every call that came in on an international or special interface"),
        ),
        "malicious-calls": Words(
            _("Who made a malicious call can be found for twelve months"),
            _(
                "Of every incoming call the calling number or source, and exact begin and end, are kept "
                "twelve months to identify a malicious caller; the called person is never told who it was, "
                "authorities are."
            ),
            _("each call marked, with what was handed over to whom and when"),
        ),
        "redundant-access": Words(
            _("Emergency centres are reached over two paths; numbers are counted each 1 September"),
            _(
                "The publicly assigned numbers at 1 September are reported to BIPT by 31 December. Up to one "
                "percent of the national total, not above it for more than three years running, an operator "
                "needs an agreement by which its calls benefit from another operator's redundant system; "
                "above it, a system of its own."
            ),
            _("each count with how it was made, the report's receipt, the agreement, and BIPT's notice"),
        ),
        "number-database": Words(
            _("The central number database knows every number, each day"),
            _(
                "Number, name, place of installation, fixed or mobile, nomadic, consents and operator are "
                "fed daily; the customer sees and corrects them free of charge; a number that ends is "
                "deleted there."
            ),
            _("every batch with its answer, records refused, and each comparison with what is really there"),
        ),
        "emergency-notice": Words(
            _("People know beforehand whether and how 112 works"),
            _(
                "Before a number or a user is active the customer has accepted, in their language, what "
                "works and what does not when 112 is called; nomadic users are told individually at least "
                "four times a year."
            ),
            _("every acceptance (who, when, version, language, text), every individual notice and its fate"),
        ),
    }


def title_of(key: str) -> str:
    """The duty's title in the reader's language."""
    return words()[key].title


def result_in_words(result: str) -> str:
    """What a decision came to; a result without words of its own (a trunk's name) as it is."""
    known = {
        "route": _("Sent to the emergency centre"),
        "announce": _("Announced instead of sent"),
        "passed": _("Drill in order"),
        "failed": _("Drill failed"),
        "pass": _("Passed on"),
        "pass-without-number": _("Passed on without its number"),
        "block": _("Blocked"),
        "refused": _("Refused"),
        "on-site": _("Emergency services that come"),
        "remote": _("Helpline"),
        "shown": _("Number shown to the emergency service"),
        "own number": _("The customer's own number"),
        "record-accepted": _("Record accepted"),
        "record-refused": _("Record refused"),
        "record-different": _("Something else is there"),
        "counted": _("Counted"),
        "reported": _("Reported"),
        "recorded": _("Recorded"),
        "marked": _("Marked as malicious"),
        "handed-over": _("Handed over to the authorities"),
        "portal": _("Accepted on the page"),
        "api": _("Accepted by a program"),
        "document": _("Signed document"),
        "sent": _("Taken by the mail server"),
        "waiting": _("Waits"),
        "no-address": _("No mail address"),
        "came-back": _("Came back"),
        "replaced": _("Number replaced by the customer's own"),
    }
    return known.get(result, result)
