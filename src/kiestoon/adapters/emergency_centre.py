"""What an emergency centre says it received in test calls.

The format is the simulator's: whether and how a real centre reports test calls is agreed with it (to verify).
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from kiestoon.domain.emergency.drill import Report

PLACE_FIELDS: Final = ("country", "A3", "RD", "HNO", "PC")
MOST_BYTES: Final = 64 << 20


class CentreSilent(Exception):
    """No report could be read; the text says why."""


class CentreReports(Protocol):
    """`reports()` by SIP Call-ID; CentreSilent when there is no answer."""

    def reports(self) -> Mapping[str, Report]: ...


def place_of(fields: Mapping[str, str]) -> str:
    """A civic address (RFC 5139 names) as `Report.place`."""
    return "; ".join(str(fields.get(name) or "") for name in PLACE_FIELDS)


class HttpCentreReports:
    """GET URL: a JSON list of calls. `paths` says which trunk each of its paths is."""

    def __init__(self, url: str, paths: Mapping[str, str], seconds: float = 10.0) -> None:
        self._url, self._paths, self._seconds = url, paths, seconds

    def reports(self) -> dict[str, Report]:
        if urlsplit(self._url).scheme not in ("http", "https"):
            raise CentreSilent("no address is set for the centre's report")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(self._url, timeout=self._seconds) as answer:
                rows = json.loads(answer.read(MOST_BYTES))
        except (OSError, ValueError, urllib.error.URLError) as error:
            raise CentreSilent(f"the centre's report cannot be read: {type(error).__name__}") from error
        if not isinstance(rows, list):
            raise CentreSilent("the centre's report is no list of calls")
        return {str(row.get("call_id")): self._report(row) for row in rows if isinstance(row, dict)}

    def _report(self, row: Mapping[str, Any]) -> Report:
        location = row.get("location")
        return Report(
            number=str(row.get("from") or ""),
            name=str(row.get("name") or ""),
            place=place_of(location) if isinstance(location, dict) else "",
            path=self._paths.get(str(row.get("path")), ""),
            is_test=row.get("test") is True,
        )
