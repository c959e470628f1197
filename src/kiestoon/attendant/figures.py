"""What Prometheus is told about announcements."""

from __future__ import annotations

from prometheus_client import Counter

ANNOUNCEMENTS = Counter(
    "kiestoon_announcements",
    "Announcements that ended, and how: said, cancelled, hung-up, failed, stopped",
    ["name", "language", "how"],
)
REFUSED = Counter("kiestoon_announcements_refused", "INVITEs the attendant refused at once", ["code"])


def ended(name: str, language: str, how: str) -> None:
    ANNOUNCEMENTS.labels(name, language, how).inc()


def refused(code: int) -> None:
    REFUSED.labels(str(code)).inc()
