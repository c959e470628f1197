"""`./kiestoon explain`: why a call goes where it goes, by the very function the edge uses."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from kiestoon.belgium.numbering import to_e164
from kiestoon.domain.routing.call import CallAttempt
from kiestoon.domain.routing.decide import decide
from kiestoon.store.location import host_of, read_contacts
from kiestoon.store.snapshot import SqliteSnapshot

WRONG_USE = 2


class NotUnderstood(Exception):
    """An argument cannot be read; the text says which and what would do."""


@dataclass(frozen=True)
class CallingDevice:
    """Where a user's device is: `source` its IP address, `instance` its +sip.instance; "" when not known."""

    source: str = ""
    instance: str = ""


def call_from(
    snapshot: SqliteSnapshot,
    caller: str,
    dialled: str,
    via: str | None,
    device: Callable[[str], CallingDevice] = lambda _username: CallingDevice(),
) -> CallAttempt:
    """The call attempt that `--from`, `--to` and `--via` describe.

    `caller`: E.164, extension@customer or SIP user name. `via`: device, national, international or special.
    `device` tells of a user name which of its devices calls.
    """
    dialled = dialled_part(dialled)
    username, trunk_id, number = _who(snapshot, caller)
    if via is None:
        via = "device" if username or trunk_id else "national"
    if via == "device":
        if trunk_id:
            return CallAttempt(dialled, trunk_id=trunk_id, presented=number or "")
        if username is None:
            raise NotUnderstood(f"--from {caller!r} is no user of ours; name a user or give --via national")
        calling = device(username)
        return CallAttempt(dialled, username=username, source=calling.source, instance=calling.instance)
    trunks = [t for t in snapshot.trunks("carrier") if t.interface == via]
    if not trunks:
        raise NotUnderstood(f"no trunk of the {via} interface is configured")
    return CallAttempt(
        dialled, trunk_id=trunks[0].trunk_id, presented=number or caller, anonymous=not (number or caller)
    )


def calling_device(location: Path, username: str, source: str | None, instance: str | None) -> CallingDevice:
    """As given; what is not given, is as the user's device has it that registered last (and fits)."""
    contacts = read_contacts(location, datetime.now(UTC), [username])
    fitting = [
        one for one in contacts if source in (None, host_of(one.source)) and instance in (None, one.instance)
    ]
    latest = max(fitting, key=lambda one: one.registered_at, default=None)
    return CallingDevice(
        source=source if source is not None else host_of(latest.source) if latest else "",
        instance=instance if instance is not None else latest.instance if latest else "",
    )


def dialled_part(to: str) -> str:
    """What the edge would see: the user part of a sip: or tel: URI, a whole URN, or plain digits."""
    to = to.strip()
    lowered = to.lower()
    if lowered.startswith("urn:"):
        return to
    for scheme in ("sips:", "sip:", "tel:"):
        if lowered.startswith(scheme):
            return to[len(scheme) :].partition("@")[0].partition(";")[0]
    return to


def _who(snapshot: SqliteSnapshot, caller: str) -> tuple[str | None, str | None, str | None]:
    """(user name, PBX trunk id, E.164) of the caller."""
    caller = caller.strip()
    if "@" in caller and not caller.lower().startswith("sip:"):
        extension, _, name = caller.partition("@")
        customer = snapshot.customer_by_name(name)
        if customer is None:
            raise NotUnderstood(f"no customer is called {name!r}")
        user = snapshot.user_by_extension(customer.customer_id, extension)
        if user is None:
            raise NotUnderstood(f"{name} has no extension {extension!r}")
        return user.username, None, user.number
    plain = dialled_part(caller)
    if snapshot.user(plain) is not None:
        return plain, None, None
    number = to_e164(plain)
    if number is None:
        if not plain:
            return None, None, None
        raise NotUnderstood(f"--from {caller!r} is no E.164 number, extension@customer or user name")
    held = snapshot.number(number)
    if held is None:
        return None, None, number
    if held.kind == "user":
        return held.target, None, number
    if held.kind == "trunk":
        return None, held.target, number
    users = snapshot.users_of(held.customer_id)
    return (users[0].username if users else None), None, number


def moment(text: str | None) -> datetime:
    """ISO 8601; Europe/Brussels without an offset; now when None."""
    if text is None:
        return datetime.now(UTC)
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise NotUnderstood(f"--at {text!r} is no ISO 8601 time, for example 2026-12-25T21:00") from error
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo("Europe/Brussels"))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="kiestoon explain", description=__doc__)
    parser.add_argument("--from", dest="caller", required=True)
    parser.add_argument("--to", required=True)
    parser.add_argument("--at")
    parser.add_argument("--via", choices=["device", "national", "international", "special"])
    parser.add_argument("--source", help="IP address the user's device calls from; as a rule its last one")
    parser.add_argument("--device", help="+sip.instance of the user's device; as a rule the last registered")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    state = Path(os.environ["KIESTOON_STATE"])
    routing, location = state / "routing", state / "location" / "location.sqlite"
    if not (routing / "customers.sqlite").exists():
        print("Nothing has been published yet: start the stack with ./run first.", file=sys.stderr)
        return 3
    snapshot = SqliteSnapshot(routing / "customers.sqlite", routing / "ported.sqlite")
    try:
        with snapshot.frozen():
            call = call_from(
                snapshot,
                options.caller,
                options.to,
                options.via,
                lambda username: calling_device(location, username, options.source, options.device),
            )
            decision = decide(call, snapshot, moment(options.at))
    except NotUnderstood as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    if options.json:
        print(json.dumps(decision.as_dict(), ensure_ascii=False))
        return 0
    print(
        f"{decision.outcome}" + (f" {decision.sip_code} {decision.sip_reason}" if decision.sip_code else "")
    )
    for target in decision.targets():
        print(f"  → {target.name} ({target.uri}), shown as {target.cli or 'nobody'}")
    for reason in decision.reasons:
        print(
            f"  {reason.step}: {reason.result} - {reason.why}" + (f" [{reason.duty}]" if reason.duty else "")
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
