"""Ban a source by hand, or end a ban: first recorded, then done by the edge, or neither."""

from __future__ import annotations

import ipaddress
import time
from datetime import UTC, datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kiestoon.adapters.edge_bans import Bans, EdgeBans
from kiestoon.adapters.edge_rpc import EdgeUnavailable
from kiestoon.portal.carriers.models import Trunk
from kiestoon.portal.security.models import BanChange
from kiestoon.vocabulary.ban import BY_HAND, Ban, source_of

SHORTEST, LONGEST = 60, 30 * 86_400
REASON_MOST = 200


def bans() -> Bans:
    """The edge's."""
    return EdgeBans(settings.RUN / "edge-rpc.sock", settings.BANS)


def ban(entered: str, seconds: int, reason: str, by: str) -> Ban:
    """Keep a source out. ValidationError by field (address, seconds, reason), or when the edge is away."""
    source = read_source(entered)
    _refuse_trunk(source)
    if not SHORTEST <= seconds <= LONGEST:
        raise ValidationError({"seconds": _("A ban lasts between a minute and 30 days.")})
    if not reason.strip() or len(reason) > REASON_MOST:
        raise ValidationError({"reason": _("Say why, in at most 200 characters: somebody will ask.")})
    now = int(time.time())
    placed = Ban(source, BY_HAND, now, now + seconds, 1, by)
    until = datetime.fromtimestamp(placed.until, UTC)
    with transaction.atomic():
        BanChange.objects.create(
            action=BanChange.Action.BANNED, source=source, by=by, reason=reason.strip(), until=until
        )
        try:
            bans().place(placed)
        except EdgeUnavailable as error:
            raise _away() from error
    return placed


def undo(entered: str, by: str) -> bool:
    """End a ban; False when there is none (any more). ValidationError when the edge is away."""
    source = read_source(entered)
    try:
        with transaction.atomic():
            BanChange.objects.create(action=BanChange.Action.UNDONE, source=source, by=by)
            if not bans().lift(source):
                raise _NothingThere
    except _NothingThere:
        return False
    except EdgeUnavailable as error:
        raise _away() from error
    return True


class _NothingThere(Exception):
    """Takes the record back."""


def read_source(entered: str) -> str:
    """The source an entered address stands for: an IPv4 address, or the /64 of an IPv6 address."""
    text = entered.strip().strip("[]")
    try:
        if "/" in text:
            network = ipaddress.ip_network(text)
            if network.prefixlen == (64 if network.version == 6 else 32):
                return source_of(str(network.network_address))
            raise ValueError
        return source_of(text)
    except ValueError:
        raise ValidationError(
            {
                "address": _("Enter an IP address, for example 192.0.2.1 or 2001:db8::1. You entered “%s”.")
                % entered
            }
        ) from None


def _refuse_trunk(source: str) -> None:
    """A carrier or a customer's PBX is not kept out by an address: its trunk is changed instead."""
    for name, addresses in Trunk.objects.values_list("name", "addresses"):
        for address in addresses:
            host = address.rpartition("]")[0].strip("[") or (
                address if address.count(":") > 1 else address.partition(":")[0]
            )
            if source_of(host) == source:
                raise ValidationError(
                    {"address": _("This is the address of the trunk “%s”: change the trunk instead.") % name}
                )


def _away() -> ValidationError:
    return ValidationError(_("The edge does not answer; nothing was changed. Try again in a minute."))
