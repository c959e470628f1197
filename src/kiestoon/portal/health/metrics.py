"""What the exporter says of what cannot say it itself: engines, database, journal, processes."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kiestoon.adapters import kamailio, processes, rtpengine, supervisor
from kiestoon.adapters.edge_rpc import EdgeRefused, EdgeUnavailable
from kiestoon.domain.health import measurements as m
from kiestoon.domain.health.alerts import GRAVE
from kiestoon.domain.health.checks import findings
from kiestoon.portal.health.measuring import measure
from kiestoon.portal.health.models import Alert
from kiestoon.vocabulary.log_line import note

logger = logging.getLogger(__name__)
GAUGES = frozenset({"shmem", "usrloc"})
"""Groups of Kamailio's statistics that go up and down; of the others those named in NOW do."""
NOW = ("current", "active", "inuse", "max_", "expire")
MEDIA_TOTALS = {
    "managedsessions": "Sessions begun and ended",
    "rejectedsessions": "Sessions refused",
    "timeoutsessions": "Sessions ended because no media came",
    "relayedpackets": "RTP packets relayed",
    "relayedpacketerrors": "RTP packets that could not be relayed",
    "relayedbytes": "Bytes relayed",
    "zerowaystreams": "Sessions without any media",
    "onewaystreams": "Sessions with media one way only",
}
MEDIA_NOW = {
    "sessionstotal": "Sessions now",
    "packetrate": "Packets per second",
    "byterate": "Bytes per second",
}


class Engines(Collector):
    """Asks all of them at each scrape, and none between; one that is silent is 0 in kiestoon_source_up."""

    def collect(self) -> Iterator[Metric]:
        close_old_connections()
        up = GaugeMetricFamily("kiestoon_source_up", "Whether this source answered", labels=["source"])
        sources: dict[str, Callable[[], Iterable[Metric]]] = {
            "edge": _edge,
            "media": _media,
            "processes": _processes,
            "measurements": _measurements,
            "alerts": _alerts,
        }
        for name, source in sources.items():
            try:
                yield from list(source())
                up.add_metric([name], 1)
            except (
                OSError, ValueError, DatabaseError, sqlite3.Error, EdgeUnavailable, EdgeRefused,
                rtpengine.MediaUnavailable, supervisor.SupervisorSilent,
            ) as error:  # fmt: skip
                note(logger, logging.WARNING, "source-silent", step=name, error=type(error).__name__)
                up.add_metric([name], 0)
        yield up

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: registering must ask nobody."""
        return []


def _edge() -> Iterator[Metric]:
    for (group, name), value in kamailio.statistics(Path(settings.RUN)).items():
        label = f"kamailio_{group}_{name}"
        if group in GAUGES or any(word in name for word in NOW):
            yield GaugeMetricFamily(label, f"Kamailio {group}:{name}", value)
        else:
            yield CounterMetricFamily(label, f"Kamailio {group}:{name}", value)


def _media() -> Iterator[Metric]:
    found = rtpengine.statistics()
    total, now = found.get("totalstatistics", {}), found.get("currentstatistics", {})
    for name, words in MEDIA_TOTALS.items():
        yield CounterMetricFamily(f"rtpengine_{name}", words, float(total.get(name, 0)))
    for name, words in MEDIA_NOW.items():
        yield GaugeMetricFamily(f"rtpengine_{name}", words, float(now.get(name, 0)))


def _processes() -> Iterator[Metric]:
    cpu = CounterMetricFamily(
        "kiestoon_process_cpu_seconds", "CPU of it and its children", labels=["process"]
    )
    memory = GaugeMetricFamily(
        "kiestoon_process_resident_bytes", "Memory, shared parts counted each time", labels=["process"]
    )
    up = GaugeMetricFamily("kiestoon_process_up", "Whether it runs", labels=["process"])
    tree = processes.children()
    for one in supervisor.processes(Path(settings.RUN)):
        up.add_metric([one.name], one.state == "running")
        if one.pid:
            seconds, resident = processes.usage(one.pid, tree)
            cpu.add_metric([one.name], seconds)
            memory.add_metric([one.name], resident)
    yield from (up, cpu, memory)


def _measurements() -> Iterator[Metric]:
    now = measure()
    yield from _of_measurements(now)
    state = GaugeMetricFamily(
        "kiestoon_health_state",
        "0 ok, 1 warn, 2 bad; what was not measured is missing",
        labels=["kind", "subject"],
    )
    for one in findings(now):
        if one.state != "off":
            state.add_metric([one.kind, one.subject], GRAVE[one.state])
    yield state


def _of_measurements(now: m.Measurements) -> Iterator[Metric]:
    def gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
        return GaugeMetricFamily(f"kiestoon_{name}", words, value)

    if now.journal is not None:
        yield gauge("journal_segments", "Segments on the disk", now.journal.segments)
        yield gauge("journal_bytes", "Size of the segments, reserve included", now.journal.bytes)
        yield gauge("journal_pending_events", "Events not ingested", now.journal.pending)
        yield gauge("ingest_lag_seconds", "Age of the oldest event not ingested", now.journal.oldest_seconds)
        yield gauge("journal_lost_attempts", "Attempts the gap alarm names", now.journal.lost_attempts)
    if now.disk is not None:
        yield gauge("disk_free_bytes", "Free where the journal is", now.disk.free)
    if now.database is not None and now.database.answers:
        yield gauge("database_connections", "Client connections", now.database.connections)
        yield gauge("database_size_bytes", "Size of the database", now.database.bytes)
    if now.publication is not None:
        yield gauge("publication_version", "Version of the routing store", now.publication.version)
        yield gauge("publication_waiting_changes", "Changes not published", now.publication.waiting)
        if now.publication.published_at:
            moment = now.publication.published_at.timestamp()
            yield gauge("publication_timestamp_seconds", "When it was published", moment)
    if now.jobs is not None:
        yield gauge("jobs_due", "Jobs whose time has come and that nobody has begun", now.jobs.due)
        yield gauge("jobs_failed_last_hour", "Jobs given up in the last hour", now.jobs.failed)
    if now.registrations is not None:
        yield gauge("registrations", "Registered devices", now.registrations.now)
    if now.calls is not None and now.calls.attempts:
        ratio = now.calls.answered / now.calls.attempts
        yield gauge("answer_seizure_ratio", "Answered share of calls of the last five minutes", ratio)
    if now.emergency is not None:
        yield gauge("emergency_calls_last_hour", "On-site emergency calls that ended", now.emergency.attempts)
        yield gauge("emergency_calls_failed_last_hour", "Of these: no centre answered", now.emergency.failed)
    if now.certificates:
        family = GaugeMetricFamily("kiestoon_certificate_expiry_timestamp_seconds", "End", labels=["name"])
        for one in now.certificates:
            family.add_metric([one.name], one.expires_at.timestamp())
        yield family


def _alerts() -> Iterator[Metric]:
    family = GaugeMetricFamily("kiestoon_alert_open", "Alerts that are open", labels=["kind", "subject"])
    for kind, subject in Alert.objects.filter(closed_at__isnull=True).values_list("kind", "subject"):
        family.add_metric([kind, subject], 1)
    yield family


def multiprocess_folder() -> str | None:
    """Where portal, jobs and ingest keep their counters, for the exporter to add up."""
    return os.environ.get("PROMETHEUS_MULTIPROC_DIR")
