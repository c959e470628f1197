"""Calls as CSV, line by line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import override

from kiestoon.belgium.numbering import masked
from kiestoon.portal.calls.listing import moment
from kiestoon.portal.calls.models import Call
from kiestoon.portal.pages.call_access import called_shown, caller_shown, forwarder_shown, is_callers_side
from kiestoon.portal.pages.call_rows import Row
from kiestoon.portal.people.access import CALLERS, Access

BYTE_ORDER_MARK = "\ufeff"
"""So that spreadsheets read UTF-8."""
SEPARATORS = {"nl": ";", "fr": ";", "de": ";"}
"""What spreadsheets of these languages expect; others: a comma."""
LINES = 500
"""Lines sent at once."""
_NUMBER = re.compile(r"[+\-]?\d+(\.\d+)?\Z")


def csv_lines(calls: Iterator[Call], access: Access, language: str) -> Iterator[bytes]:
    """Parts of a CSV file. Times are UTC, ISO 8601; telephone numbers E.164, masked where they are masked."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=SEPARATORS.get(language, ","))
    buffer.write(BYTE_ORDER_MARK)
    with override(language):
        writer.writerow(_titles(access))
    for count, call in enumerate(calls, 1):
        with override(language):
            writer.writerow(map(_harmless, _row(call, access)))
        if count % LINES == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _titles(access: Access) -> list[str]:
    titles = [
        _("Call number to quote"),
        _("Started"),
        _("Answered at"),
        _("Ended"),
        _("Direction"),
        _("From"),
        _("To"),
        _("Dialled"),
        _("Forwarded by"),
        _("Result"),
        _("SIP answer"),
        _("Talk time (seconds)"),
        _("Ended by"),
    ]
    return [*titles, _("Customer"), _("Trunk"), _("Emergency call")] if access.is_operator else titles


def _row(call: Call, access: Access) -> list[str]:
    row = Row(call, access)

    def number(value: str | None) -> str:
        return (value or "") if access.may(CALLERS) else masked(value or "")

    values = [
        call.call_id,
        moment(call.started_at) or "",
        moment(call.answered_at) or "",
        moment(call.ended_at) or "",
        row.direction,
        number(caller_shown(call, access)),
        number(called_shown(call, access)),
        number(call.dialled) if is_callers_side(call, access) else "",
        number(forwarder_shown(call, access)),
        row.result,
        str(call.sip_code or ""),
        f"{call.talk_ms / 1000:.3f}",
        row.ended_by,
    ]
    if access.is_operator:
        values += [str(call.customer_id or ""), call.trunk_name or "", call.emergency_class or ""]
    return values


def _harmless(value: str) -> str:
    """What a spreadsheet would read as a formula becomes text: what is dialled comes from strangers."""
    return f"'{value}" if value[:1] in "=+-@\t\r" and value and not _NUMBER.match(value) else value


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
