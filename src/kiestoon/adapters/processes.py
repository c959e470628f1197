"""CPU and memory of processes and all below them, from /proc."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")

Row = tuple[int, float, int]
"""(parent, CPU seconds, resident bytes)"""


def children() -> dict[int, Row]:
    """Every process that can be seen, by pid."""
    found: dict[int, Row] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                fields = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
                seconds = (int(fields[11]) + int(fields[12])) / _TICKS
                found[int(name)] = (int(fields[1]), seconds, int(fields[21]) * _PAGE)
    return found


def usage(pid: int, rows: dict[int, Row]) -> tuple[float, int]:
    """(CPU seconds, resident bytes) of a process and all below it; children that ended are not counted."""
    seconds, resident = 0.0, 0
    below: dict[int, list[int]] = {}
    for child, (parent, _, _) in rows.items():
        below.setdefault(parent, []).append(child)
    todo = [pid]
    while todo:
        one = todo.pop()
        if one in rows:
            seconds += rows[one][1]
            resident += rows[one][2]
        todo += below.get(one, [])
    return seconds, resident
