"""The decision's reasons in the reader's language: what was journalled in English stays what it says.

Every step, result and reason `domain.routing` can give has its words here; a test reads the source to be
sure. Names (of users, trunks, services) stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STEPS: Final[Mapping[str, Promise]] = {
    "caller": _("Who calls"),
    "cli-guard": _("Number shown"),
    "cli": _("Number shown"),
    "spoofed-number": _("Belgian number from abroad"),
    "emergency-class": _("Emergency call"),
    "emergency-location": _("Place of the device"),
    "emergency-test": _("Test call to an emergency service"),
    "nomadic-place": _("Nomadic device without a sure place"),
    "emergency-route": _("Way to the emergency service"),
    "call-back": _("Call-back of an emergency centre"),
    "call-type": _("Type of call"),
    "barring": _("Barring"),
    "destination": _("Destination"),
    "block-list": _("Block list"),
    "anonymous": _("Anonymous call"),
    "third-party-forwarding": _("Forwarded by a third party"),
    "forwarding": _("Forwarding"),
    "ported-number": _("Ported number"),
    "route": _("Way out"),
    "announcement": _("Announcement"),
}
RESULTS: Final[Mapping[str, Promise]] = {
    "authenticated": _("signed in with its password"),
    "claimed, not verified": _("claimed, not verified"),
    "unknown": _("unknown"),
    "trunk": _("came in by a trunk"),
    "own number": _("a number of its own"),
    "replaced": _("replaced"),
    "shown": _("shown"),
    "pass": _("passes"),
    "pass-without-number": _("passes without its number"),
    "block": _("blocked"),
    "no": _("no"),
    "not for this caller": _("not for this caller"),
    "on-site": _("yes, services that come"),
    "remote": _("yes, a helpline"),
    "rings through": _("rings through"),
    "caller known": _("who called is known"),
    "route": _("sent to the emergency centre"),
    "announce": _("announced instead"),
    "none": _("none"),
    "declared": _("declared"),
    "confirmed": _("confirmed"),
    "stale": _("out of date"),
    "refused": _("refused"),
    "ignored": _("not followed"),
    "always": _("always"),
    "busy": _("when busy"),
    "no-answer": _("when nobody answers"),
    "unreachable": _("when no device is reachable"),
    "user": _("a user"),
    "everyone": _("everyone"),
    "customer's PBX": _("the customer's PBX"),
    "ported": _("ported"),
    "internal": _("within the house"),
    "geographic": _("fixed line"),
    "mobile": _("mobile"),
    "free": _("free number"),
    "premium": _("premium number"),
    "shared-cost": _("shared-cost number"),
    "short": _("short number"),
    "international": _("international"),
    "number-unreachable": _("the number cannot be reached"),
    "address-read-back": _("the address is read back"),
}
WHYS: Final[Mapping[str, Promise]] = {
    "said before the call is refused, free of charge": _("Said before the call is refused, free of charge."),
    "the caller asks which address the emergency centre sees": _(
        "The caller asks which address the emergency centre sees."
    ),
    "no user of ours stands behind this call": _("No user of ours stands behind this call."),
    "the trunk is no longer configured": _("The trunk is no longer configured."),
    "the number presented is held by the customer": _("The number presented is held by the customer."),
    "the number presented is not the customer's; its own is shown instead": _(
        "The number presented is not the customer's; its own is shown instead."
    ),
    "not an emergency number or service": _("Not an emergency number or service."),
    "only our own known lines reach it through us": _("Only our own known lines reach it through us."),
    "the caller is not one of our users or trunks": _("The caller is not one of our users or trunks."),
    "a Belgian number from abroad": _("A Belgian number from abroad."),
    "the user or customer is suspended: only emergency calls": _(
        "The user or customer is suspended: only emergency calls are allowed."
    ),
    "allowed for this caller": _("Allowed for this caller."),
    "this is no number, extension or user of the customer": _(
        "This is no number, extension or user of the customer."
    ),
    "the numbering plan has no number of this form and length": _(
        "The numbering plan has no number of this form and length."
    ),
    "a number of our own blocks that nobody has": _("A number of our own blocks that nobody has."),
    "not a number of ours: no transit": _("Not a number of ours: we carry no calls for others."),
    "a carrier must ask for an E.164 number": _("A carrier must ask for an international number (E.164)."),
    "the number's user no longer exists": _("The number's user no longer exists."),
    "the number's trunk no longer exists": _("The number's trunk no longer exists."),
    "no user to ring": _("There is no user to ring."),
    "the called user is suspended": _("The called user is suspended."),
    "the called customer is suspended": _("The called customer is suspended."),
    "the calling number is on the customer's block list": _(
        "The calling number is on the customer's block list."
    ),
    "the called user rejects calls without a number": _("The called user rejects calls without a number."),
    "the called user stopped third-party forwarding": _(
        "The called user refuses calls that a third party forwards."
    ),
    "a routing number is known for it": _("A routing number is known for it."),
    "no carrier is configured": _("No carrier is configured."),
    "the customer has no extension of this number": _("The customer has no extension of this number."),
    "the forwardings go in a circle": _("The forwardings go in a circle."),
    "a forwarding never goes to an emergency number": _("A forwarding never goes to an emergency number."),
    "the target is no number this user's calls may be forwarded to": _(
        "The target is no number this user's calls may be forwarded to."
    ),
    "the target is a number of our own blocks that nobody has": _(
        "The target is a number of our own blocks that nobody has."
    ),
    "forwards to a number of ours": _("Forwards to a number of ours."),
    "forwards to a number outside, original caller shown": _(
        "Forwards to a number outside; the original caller is shown."
    ),
    "no area is known for the place": _("No area of the routing table is known for the place."),
    "a fixed line: the evidenced installation address": _(
        "A fixed line: its evidenced installation address."
    ),
    "the installation address": _("The installation address."),
    "its user said so from this network": _("Its user said so from this network."),
    "declared for this network": _("The address entered for this network."),
    "where another device of the user was in this network": _(
        "Where another device of the user was in this network."
    ),
    "the device has moved to another network since": _(
        "The last known address: the device has moved to another network since."
    ),
    "only another device's place is known": _("Only another device's place is known."),
    "the device is in a network abroad": _("The device is in a network abroad."),
    "the address given for it; nobody has said otherwise": _(
        "The address given for it; nobody has said otherwise."
    ),
    "the PBX has no customer any more": _("The PBX has no customer any more."),
    "the installation address of the PBX's customer": _("The installation address of the PBX's customer."),
    "nobody we know stands behind this call": _("Nobody we know stands behind this call."),
    "no address is known": _("No address is known."),
    "no route of the place is marked for testing": _("No route of the place is marked for testing."),
    "not from a nomadic device": _("Not from a nomadic device."),
    "the place of the nomadic device is known": _("The place of the nomadic device is known."),
    "the device has not proved whose it is": _("The device has not proved whose it is."),
    "no document stands behind announcing: calls are routed": _(
        "No document stands behind announcing: calls are routed."
    ),
    "routed by the last known address, which is told so": _(
        "Sent to the centre of the last known address, which is told so."
    ),
    "the helpline is reached through the carriers in order": _(
        "The helpline is reached through the carriers in order."
    ),
    "an emergency centre calls back: forwarding, blocking, rejection and suspension are not asked": _(
        "An emergency centre calls back: forwarding, blocking, rejection and suspension are not asked."
    ),
    "not a number of ours": _("Not a number of ours."),
    "emergency services receive the number even if withheld": _(
        "Emergency services receive the number even if it is withheld."
    ),
    "came in on a national interface, apart from international ones": _(
        "Came in on a national interface, apart from international ones."
    ),
    "before the decree was in force": _("Before the decree was in force."),
    "no number is shown, so none is forged": _("No number is shown, so none is forged."),
    "the number is no international number (ITU-T E.157)": _(
        "The number is no international number (ITU-T E.157)."
    ),
    "the number is not Belgian": _("The number is not Belgian."),
    "a Belgian short number cannot call": _("A Belgian short number cannot call."),
    "no Belgian number has this form and length": _("No Belgian number has this form and length."),
    "called from Belgium and forwarded back from abroad": _(
        "Called from Belgium and forwarded back from abroad."
    ),
    "a Belgian geographic or non-geographic number from abroad": _(
        "A Belgian geographic or non-geographic number from abroad."
    ),
    "before the rule on mobile numbers was in force": _("Before the rule on mobile numbers was in force."),
    "the mobile subscriber is abroad": _("The mobile subscriber is abroad."),
    "roaming provably cannot be checked: number removed": _(
        "Roaming provably cannot be checked: the number was removed."
    ),
    "the mobile subscriber is not abroad": _("The mobile subscriber is not abroad."),
    "only Belgian geographic numbers pass the special interface": _(
        "Only Belgian geographic numbers pass the special interface."
    ),
    "its user was not identified to BIPT within 24 hours": _(
        "Its user was not identified to BIPT within 24 hours."
    ),
    "on the agreement's list of cloud service numbers": _(
        "On the agreement's list of cloud service numbers."
    ),
    "a nomadic call the originating operator answers for": _(
        "A nomadic call the originating operator answers for."
    ),
    "not on the agreement's list, which does not cover nomadic calls": _(
        "Not on the agreement's list, which does not cover nomadic calls."
    ),
}
PATTERNS: Final[tuple[tuple[re.Pattern[str], Promise], ...]] = tuple(
    (re.compile(pattern, re.DOTALL), words)
    for pattern, words in (
        (r"user (?P<user>.*) of customer (?P<customer>.*)", _("User %(user)s of customer %(customer)s.")),
        (r"(?P<trunk>.*) \((?P<interface>.*) interface\)", _("%(trunk)s (%(interface)s interface).")),
        (
            r"calls of type (?P<kind>.*) are barred at the subscriber's request",
            _("Calls of type “%(kind)s” are barred at the subscriber's request."),
        ),
        (
            r"(?P<number>.*) is (?P<service>.*): never barred, limited or suspended",
            _("%(number)s is %(service)s: never barred, limited or suspended."),
        ),
        (
            r"(?P<user>.*) called 112 with this number lately",
            _("%(user)s called 112 with this number lately."),
        ),
        (
            r"the operator's recorded decision: (?P<document>.*)",
            _("The operator's recorded decision: %(document)s."),
        ),
        (
            r"a test call to (?P<service>.*), over routes marked for testing only",
            _("A test call to %(service)s, over routes marked for testing only."),
        ),
        (r"trunk (?P<trunk>.*)", _("Trunk %(trunk)s.")),
        (r"the main number rings (?P<count>.*) users", _("The main number rings %(count)s users.")),
        (r"rings the devices of (?P<user>.*)", _("Rings the devices of %(user)s.")),
        (r"forwards to (?P<user>.*)", _("Forwards to %(user)s.")),
        (r"carriers in order: (?P<names>.*)", _("Carriers in order: %(names)s.")),
        (r"site (?P<site>.*) of the PBX", _("Site %(site)s of the PBX.")),
        (r"the competent centre of area (?P<area>.*)", _("The competent centre of area %(area)s.")),
        (
            r"area (?P<area>.*) has no route that holds today",
            _("Area %(area)s has no route that holds today."),
        ),
        (r"more than (?P<most>.*) forwardings in one call", _("More than %(most)s forwardings in one call.")),
    )
)
_ARTICLE: Final = re.compile(r"(art\. [^:]+): (.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ReasonInWords:
    """`translated` False: `why` is English as journalled. `article`: provision that decided, or ""."""

    step: str
    result: str
    why: str
    translated: bool
    article: str
    duty: str
    names_called: bool
    """`why` names a user or trunk of the called customer."""


def why_in_words(why: str) -> tuple[str, bool]:
    """(words, whether they are in the reader's language)."""
    if known := WHYS.get(why):
        return str(known), True
    for pattern, words in PATTERNS:
        if found := pattern.fullmatch(why):
            values = {name: _value(name, value) for name, value in found.groupdict().items()}
            return str(words) % values, True
    return why, False


def without_names(reason: ReasonInWords) -> ReasonInWords:
    """The reason for the caller of another customer: without the names of who is called there."""
    return replace(reason, why="") if reason.names_called else reason


def reason_in_words(reason: Mapping[str, Any]) -> ReasonInWords:
    """One journalled reason ({step, result, why, duty?})."""
    step, result, why = (str(reason.get(key) or "") for key in ("step", "result", "why"))
    article = ""
    if cited := _ARTICLE.fullmatch(why):
        article, why = cited.groups()
    words, translated = why_in_words(why)
    return ReasonInWords(
        str(STEPS.get(step, step)),
        str(RESULTS.get(result, result)),
        words,
        translated,
        article,
        str(reason.get("duty") or ""),
        _names_called(reason),
    )


def unnamed(reason: Mapping[str, Any]) -> dict[str, Any]:
    """A journalled reason as the caller of another customer may read it."""
    return {**reason, "why": ""} if _names_called(reason) else dict(reason)


def _names_called(reason: Mapping[str, Any]) -> bool:
    return reason.get("step") in ("destination", "forwarding") and reason.get("why") not in WHYS


INTERFACES: Final[Mapping[str, Promise]] = {
    "national": _("national"),
    "international": _("international"),
    "special": _("special"),
}


def _value(name: str, value: str) -> str:
    if name == "kind":
        return str(RESULTS.get(value, value))
    return str(INTERFACES.get(value, value)) if name == "interface" else value
