"""Is a trunk reachable? Judged from calls, not probed: what calls lately came to over each trunk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from kiestoon.portal.calls.models import Call

WINDOW = timedelta(hours=1)
MOST_CALLS = 2000
"""Calls looked at: with more in the window the newest decide, and a quiet trunk may say "not known"."""
_ABANDONED = 487


@dataclass(frozen=True)
class Outcome:
    """What one call came to on one trunk; `code` is the SIP status of a failure that is known."""

    trunk_id: str
    at: datetime
    works: bool
    code: int | None = None


@dataclass
class Reachability:
    """The newest outcomes of one trunk; both None: no call tells."""

    last_success: datetime | None = None
    last_failure: datetime | None = None
    code: int | None = None

    @property
    def state(self) -> str:
        """Key of a status."""
        if self.last_failure is not None and (self.last_success or self.last_failure) <= self.last_failure:
            return "bad"
        return "off" if self.last_success is None else "ok"

    @property
    def words(self) -> str:
        return {
            "ok": _("Works"),
            "bad": _("Last call failed"),
            "off": _("No calls in the last hour"),
        }[self.state]


def reachability() -> dict[str, Reachability]:
    """Of every trunk that had calls in the last hour; one query, by the index of their time."""
    since = datetime.now(UTC) - WINDOW
    rows = (
        Call.objects.filter(started_at__gte=since, ended_at__isnull=False)
        .order_by("-started_at")
        .values("started_at", "answered_at", "sip_code", "trunk_id", "trunk_in_id", "stages")[:MOST_CALLS]
    )
    return judge(outcome for row in rows for outcome in outcomes(row))


def judge(found: Iterable[Outcome]) -> dict[str, Reachability]:
    """The newest success and failure of each trunk."""
    trunks: dict[str, Reachability] = {}
    for one in found:
        known = trunks.setdefault(one.trunk_id, Reachability())
        if one.works:
            known.last_success = max(known.last_success or one.at, one.at)
        elif known.last_failure is None or one.at > known.last_failure:
            known.last_failure, known.code = one.at, one.code
    return trunks


def outcomes(call: Mapping[str, Any]) -> Iterator[Outcome]:
    """What a call says of the trunks it tried: of each that was given up for the next, and of the last one.

    A refusal by the called (busy, no such number) came through the trunk, which therefore works. 408 and 5xx
    say that nothing usable came back. A call its caller gave up says nothing.
    """
    started, code = call["started_at"], call["sip_code"]
    if call["trunk_in_id"]:
        yield Outcome(call["trunk_in_id"], started, True)
    legs = call["stages"] or []
    for leg, following in pairwise(legs):
        is_next_way = following["trunk"] and following["to"] == leg["to"]
        if leg["trunk"] and is_next_way:
            yield Outcome(leg["trunk"]["id"], started, False)
    if not call["trunk_id"] or (code == _ABANDONED and call["answered_at"] is None):
        return
    failed = call["answered_at"] is None and code is not None and (code == 408 or 500 <= code < 600)
    yield Outcome(call["trunk_id"], started, not failed, code if failed else None)
