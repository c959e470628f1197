"""What was said about devices and sites, as the call plane reads it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC

from kiestoon.domain.emergency.locate import latest_first
from kiestoon.portal.carriers.models import Trunk
from kiestoon.portal.customers.civic import vocabulary_address
from kiestoon.portal.emergency.models import Network as NetworkRow
from kiestoon.portal.emergency.models import Place
from kiestoon.vocabulary.emergency import DeviceLocation, Network, Site

MOST_LOCATIONS = 20
"""Published of a user: the latest."""


def compile_networks() -> tuple[Network, ...]:
    rows = NetworkRow.objects.values_list("prefix", "asn", "country", "name").order_by("prefix")
    return tuple(Network(*row) for row in rows)


def locations_of(customer_ids: Collection[int]) -> dict[int, tuple[DeviceLocation, ...]]:
    """By telephone user: the latest of each device in each network, latest first; one query."""
    rows = Place.objects.filter(customer_id__in=customer_ids, user__nomadic=True)
    latest = rows.order_by("user_id", "instance", "prefix", "-said_at", "-pk").distinct(
        "user_id", "instance", "prefix"
    )
    found: dict[int, list[DeviceLocation]] = defaultdict(list)
    for row in sorted(latest, key=lambda one: one.pk, reverse=True):
        found[row.user_id].append(
            DeviceLocation(
                instance=row.instance,
                address=vocabulary_address(row),
                network=Network(row.prefix, row.asn, row.network_country),
                confirmed=row.confirmed,
                said_at=row.said_at.astimezone(UTC).isoformat(),
            )
        )
    return {user: latest_first(tuple(rows))[:MOST_LOCATIONS] for user, rows in found.items()}


def sites_of(trunk: Trunk) -> tuple[Site, ...]:
    return tuple(
        Site(row.prefix, row.name, vocabulary_address(row), bool(row.evidence)) for row in trunk.sites.all()
    )
