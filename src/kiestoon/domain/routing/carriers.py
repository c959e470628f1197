"""Which carriers take our outgoing calls, in order."""

from __future__ import annotations

from kiestoon.domain.routing.snapshot import Snapshot
from kiestoon.vocabulary.configuration import Trunk


def outgoing_carriers(snapshot: Snapshot) -> tuple[Trunk, ...]:
    """Carriers by priority; the special interface (RD Spoofing art. 4) only brings calls in."""
    return tuple(trunk for trunk in snapshot.trunks("carrier") if trunk.interface != "special")
