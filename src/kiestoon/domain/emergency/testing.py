"""Test calls to an emergency service (RFC 6881 section 17): what is dialled, and the routes they may take."""

from __future__ import annotations

from datetime import date
from typing import Final

from kiestoon.belgium.emergency_numbers import ON_SITE, SOS_URN
from kiestoon.domain.emergency.paths import ANYWHERE, Path, area_at, routes_of
from kiestoon.domain.routing.snapshot import Snapshot
from kiestoon.vocabulary.address import CivicAddress

URN: Final = "urn:service:test.sos"
_LABEL: Final = {"100": ".ambulance", "101": ".police", "112": ""}
"""Below URN, of the service that is tested."""


def service_tested(dialled: str) -> str | None:
    """100, 101 or 112 for a test URN; None for anything else.

    >>> service_tested("urn:service:test.sos"), service_tested("urn:service:test.sos.police")
    ('112', '101')
    >>> service_tested("urn:service:sos"), service_tested("112")
    (None, None)
    """
    lowered = dialled.strip().lower().partition(";")[0]
    if not lowered.startswith(URN):
        return None
    rest = lowered[len(URN) :]
    if rest and not rest.startswith("."):
        return None
    if rest == _LABEL["100"]:
        return "100"
    return SOS_URN.get(rest[1:].split(".")[0], "112")


def urn_for_test(service: str) -> str:
    """What is dialled, and asked of the centre, to test a service.

    >>> [service_tested(urn_for_test(service)) for service in ("100", "101", "112")]
    ['100', '101', '112']
    """
    assert service in ON_SITE
    return URN + _LABEL[service]


def paths_for_test(
    service: str, address: CivicAddress | None, snapshot: Snapshot, day: date, only: str = ""
) -> tuple[Path, ...]:
    """Ways by which the centre of the place may be called in a test, the first to try first.

    Only routes marked for testing, and nothing instead of them: a real centre is never called unasked.
    `only` names one trunk of them.
    """
    area = area_at(address, snapshot)
    for key in dict.fromkeys((area if area is not None else ANYWHERE, ANYWHERE)):
        found = tuple(
            Path(trunk, urn_for_test(service))
            for route, trunk in routes_of(service, key, snapshot, day)
            if route.testing and only in ("", trunk.trunk_id)
        )
        if found:
            return found
    return ()
