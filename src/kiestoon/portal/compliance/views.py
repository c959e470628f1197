"""The duty board, and one duty with what proves it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render

from kiestoon.duties.duty import Duty, belgian_day, belgian_period
from kiestoon.duties.register import DUTIES, duty
from kiestoon.portal.compliance import board, chart
from kiestoon.portal.compliance.models import Example
from kiestoon.portal.compliance.register import REGISTER
from kiestoon.portal.compliance.words import result_in_words, words
from kiestoon.portal.pages.rooms import page

COUNT_FIELDS = ("day", "step", "result", "why", "decisions")
ROW_FIELDS = ("at", "call_id", "step", "result", "why", "trunk_in", "emergency_class", "sip_code")
EXAMPLES = 20


@page("duties:read")
def list_duties(request: HttpRequest) -> HttpResponse:
    """Sorted by what presses most."""
    lines = board.lines(datetime.now(UTC))
    rows = [
        {"line": line, "results": [(result_in_words(result), count) for result, count in line.results]}
        for line in lines
    ]
    return render(request, "compliance/duties.html", {"rows": rows})


@page("duties:read")
def show_duty(request: HttpRequest, key: str) -> HttpResponse:
    now, found = datetime.now(UTC), _duty(key)
    counts = board.last_period(key, now)
    line = board.line_of(found, words()[key], now)
    drawn = chart.bars(counts, belgian_day(now - board.PERIOD), belgian_day(now))
    branches: Counter[tuple[str, str, str]] = Counter()
    for count in counts:
        branches[count.step, count.result, count.why] += count.decisions
    context = {
        "line": line,
        "sources": found.sources,
        "chart": drawn,
        "series": [(number, result_in_words(name)) for number, name in enumerate(drawn.series, 1)],
        "branches": [
            {"step": step, "result": result_in_words(result), "why": why, "decisions": decisions}
            for (step, result, why), decisions in branches.most_common()
        ],
        "examples": [
            {"row": row, "result": result_in_words(row.result)}
            for row in Example.objects.filter(duty=key).order_by("-at")[:EXAMPLES]
        ],
        "today": belgian_day(now),
        "has_requests": key == board.ANSWERED_BY,
    }
    return render(request, "compliance/duty.html", context)


@page("duties:read")
def counts_csv(request: HttpRequest, key: str) -> HttpResponseBase:
    """Decisions by day and branch, without personal data: ?from=2026-11-01&until=2026-11-30."""
    _duty(key)
    today = belgian_day(datetime.now(UTC))
    first, last = _day(request, "from", today - board.PERIOD), _day(request, "until", today)
    counts = REGISTER.evidence(key).counts(first, last)
    rows = ({name: getattr(count, name) for name in COUNT_FIELDS} for count in counts)
    return _csv(f"{key}-{first}-{last}.csv", COUNT_FIELDS, rows)


@page("duties:read")
def decisions_csv(request: HttpRequest, key: str) -> HttpResponseBase:
    """Every decision of one Belgian day, from the calls themselves: ?day=2026-11-24."""
    _duty(key)
    day = _day(request, "day", belgian_day(datetime.now(UTC)))
    rows = REGISTER.evidence(key).rows(*belgian_period(day, day))
    return _csv(f"{key}-{day}.csv", ROW_FIELDS, rows)


def _duty(key: str) -> Duty:
    if key not in {one.key for one in DUTIES}:
        raise Http404
    return duty(key)


def _day(request: HttpRequest, name: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return otherwise


class _Line:
    """csv writes to a file; here each line is handed on instead."""

    def write(self, text: str) -> str:
        return text


def _csv(name: str, fields: tuple[str, ...], rows: Iterable[dict[str, Any]]) -> HttpResponseBase:
    def lines() -> Iterator[str]:
        writer = csv.writer(_Line())
        yield writer.writerow(fields)
        for row in rows:
            yield writer.writerow([row[field] for field in fields])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
