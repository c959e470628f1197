"""A batch as it is sent: JSON Lines, a header and one line a change (docs/formats/number-database.md).

To verify: neither file format nor interface of the central number database was found in a text we read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from kiestoon.duties.number_database import FIELDS, Change

FORMAT: Final = "kiestoon-number-database/1"
MOST_CHANGES: Final = 5000
"""In one batch; what is more goes in the next."""


@dataclass(frozen=True, slots=True)
class Header:
    """What says which batch it is; `sequence` counts our batches from 1 without a gap."""

    batch: str
    sequence: int
    operator: str
    made_at: datetime


def written(header: Header, told: Iterable[Change]) -> bytes:
    """The whole batch; its header carries the number of changes and the SHA-256 of all lines after it."""
    lines = [_line(change) for change in told]
    rest = "".join(f"{line}\n" for line in lines).encode()
    head = {
        "format": FORMAT,
        "batch": header.batch,
        "sequence": header.sequence,
        "operator": header.operator,
        "made_at": header.made_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "changes": len(lines),
        "sha256": hashlib.sha256(rest).hexdigest(),
    }
    return f"{_json(head)}\n".encode() + rest


def _line(change: Change) -> str:
    if change.record is None:
        return _json({"op": change.op, "number": change.number})
    return _json({"op": change.op, "record": {name: change.record[name] for name in FIELDS}})


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
