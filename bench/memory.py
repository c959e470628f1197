"""Memory of every process of the stack over time, and of Kamailio's own pools."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from bench.stack import processes
from bench.workload import with_descendants
from kiestoon.adapters.edge_rpc import EdgeRpc


@dataclass
class Series:
    """Values in KiB with their times in seconds."""

    times: list[float] = field(default_factory=list)
    values: list[int] = field(default_factory=list)

    def add(self, at: float, value: int) -> None:
        self.times.append(at)
        self.values.append(value)

    def between(self, begin: float, end: float) -> list[int]:
        return [value for at, value in zip(self.times, self.values, strict=True) if begin <= at < end]


class Memory:
    """`sample(at)` reads everything once; `series` is by name."""

    def __init__(self) -> None:
        self.series: dict[str, Series] = {}
        self._pids = {
            name: with_descendants([pid]) for name, pid in processes().items() if not name.startswith("sim-")
        }
        self._edge = EdgeRpc(Path(os.environ["KIESTOON_RUN"]) / "edge-rpc.sock")

    def sample(self, at: float) -> None:
        for name, pids in self._pids.items():
            self._add(name, at, sum(map(_own_kib, pids)))
        pools = self._edge.call("core.shmmem")
        self._add("edge shm used", at, int(pools["real_used"]) >> 10)
        workers = self._edge.call("pkg.stats")
        self._add("edge pkg used", at, sum(int(row["real_used"]) for row in workers) >> 10)

    def _add(self, name: str, at: float, value: int) -> None:
        self.series.setdefault(name, Series()).add(at, value)


def _own_kib(pid: int) -> int:
    """Memory of a process itself, without what is shared (PostgreSQL's buffers, Kamailio's pool)."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    sizes = {line.split()[0]: int(line.split()[1]) for line in lines[1:]}
    return sizes["Pss:"] - sizes.get("Pss_Shmem:", 0)
