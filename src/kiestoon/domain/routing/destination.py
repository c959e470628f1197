"""From what was dialled to the stages that reach it."""

from __future__ import annotations

from kiestoon.belgium.numbering import call_type, is_short, strip_separators, to_e164
from kiestoon.domain.routing.call import Stage
from kiestoon.domain.routing.caller import Caller
from kiestoon.domain.routing.reach import Reach
from kiestoon.domain.routing.refusal import Refused
from kiestoon.domain.routing.snapshot import Snapshot
from kiestoon.domain.routing.trail import Trail
from kiestoon.vocabulary.configuration import CallType

EXTENSION_PREFIX = "*"
"""*101 rings extension 101: an extension may have the digits of an emergency number, which go first."""


def from_customer(
    dialled: str, caller: Caller, snapshot: Snapshot, reach: Reach, trail: Trail
) -> tuple[Stage, str | None]:
    """Stage and E.164 of what a customer's user or PBX dialled."""
    assert caller.customer is not None
    customer_id = caller.customer.customer_id
    digits = strip_separators(dialled)
    extension = digits.removeprefix(EXTENSION_PREFIX)
    user = snapshot.user_by_extension(customer_id, extension) or snapshot.user(dialled)
    if user is not None and user.customer_id == customer_id:
        _may_call("internal", caller, trail)
        return reach.user(user, user.number), user.number or user.extension
    number = to_e164(digits)
    prefix = caller.outside_prefix
    if prefix and digits.startswith(prefix):
        number = to_e164(digits[len(prefix) :]) or number
        if is_short(digits[len(prefix) :]):
            digits = digits[len(prefix) :]
    if number is None:
        if not is_short(digits):
            raise Refused(
                "destination", 404, "Not Found", "this is no number, extension or user of the customer"
            )
        _may_call("short", caller, trail)
        return reach.outside_number(digits), digits
    held = snapshot.number(number)
    if held is not None:
        _may_call("internal", caller, trail)
        return reach.number(held), number
    kind = call_type(number)
    if kind is None:
        raise Refused(
            "destination",
            484,
            "Address Incomplete",
            "the numbering plan has no number of this form and length",
            to_number=number,
        )
    if any(number.startswith(block) for block in snapshot.operator().blocks):
        raise Refused(
            "destination",
            404,
            "Not Found",
            "a number of our own blocks that nobody has",
            to_number=number,
            announced=True,
        )
    _may_call(kind, caller, trail)
    return reach.outside_number(number), number


def asked_by_carrier(dialled: str) -> str | None:
    """E.164 of what a carrier or an emergency centre asks for, with or without its plus."""
    digits = strip_separators(dialled.partition(";")[0])
    return to_e164(digits) or (to_e164("+" + digits) if digits.startswith("32") else None)


def from_carrier(dialled: str, snapshot: Snapshot, reach: Reach, trail: Trail) -> tuple[Stage, str | None]:
    """Stage and E.164 of what a carrier asks for; only numbers our customers hold are reached."""
    number = asked_by_carrier(dialled)
    if number is None:
        raise Refused("destination", 404, "Not Found", "a carrier must ask for an E.164 number")
    held = snapshot.number(number)
    if held is None:
        ours = any(number.startswith(block) for block in snapshot.operator().blocks)
        why = "a number of our own blocks that nobody has" if ours else "not a number of ours: no transit"
        raise Refused("destination", 404, "Not Found", why, to_number=number, announced=ours)
    return reach.number(held), number


def _may_call(kind: CallType, caller: Caller, trail: Trail) -> None:
    user = caller.user
    if user is not None and kind in user.barred:
        raise Refused(
            "barring",
            403,
            "Barred",
            f"calls of type {kind} are barred at the subscriber's request",
            duty="call-barring",
        )
    trail.add("call-type", kind, "allowed for this caller")
