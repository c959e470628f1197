"""One workload with sipp against a SIP server: CPU of its processes, success, set-up time, RTP delivered.

    python bench/workload.py w1|regcallees|w2|w3|w4|w4srtp --pids PID,... [--tree] --rate R --calls N

CPU is utime+stime of the given processes from just before the first call to 1.5 s after the last.
Prints one JSON line.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TICKS = os.sysconf("SC_CLK_TCK")
CALLER, CALLEE, TRUNK = "127.0.0.2", "127.0.0.3", "127.0.0.4"
GIVE_UP_S = 900


@dataclass(frozen=True)
class Shape:
    """How sipp is started for one workload."""

    scenario: str
    users: str
    """The CSV file of users; "" for a trunk."""
    ip: str
    port: int
    media: bool = False
    callee: str | None = None
    service: str = ""
    """What is dialled, where that is the same for every call."""


SHAPES = {
    "w1": Shape("w1_register.xml", "users.csv", CALLER, 5071),
    "regcallees": Shape("w1_register.xml", "callees.csv", CALLEE, 5070),
    "w2": Shape("w2_uac.xml", "callers.csv", CALLER, 5072, True, "w2_uas.xml"),
    "w3": Shape("w3_ivr.xml", "", TRUNK, 5073, True, service="*55"),
    "w4": Shape("w4_uac.xml", "callers.csv", CALLER, 5072, True, "w4_uas.xml"),
    "w4srtp": Shape("w4_uac_srtp.xml", "callers_srtp.csv", CALLER, 5072, True, "w4_uas.xml"),
}


def with_descendants(pids: Iterable[int]) -> list[int]:
    """The processes and everything they started."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                parent = int(Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry))
    found = list(pids)
    for pid in found:
        found.extend(child for child in children.get(pid, []) if child not in found)
    return found


@contextlib.contextmanager
def hung(pids: Iterable[int]) -> Iterator[None]:
    """The processes are there but do nothing (SIGSTOP)."""
    pids = list(pids)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of the processes, in seconds."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def memory_kib(pids: Iterable[int]) -> int:
    """Resident memory of the processes, shared pages counted in each."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
    return total


def socket_drops(ip: str, port: int) -> int | None:
    """Packets dropped at sipp's unread RTP socket: what the server relayed to it."""
    address = "".join(f"{int(part):02X}" for part in reversed(ip.split("."))) + f":{port:04X}"
    for line in Path("/proc/net/udp").read_text().splitlines():
        fields = line.split()
        if fields[1] == address:
            return int(fields[12])
    return None


class Sipp:
    """One sipp process in a scratch folder."""

    def __init__(
        self, folder: Path, name: str, target: str, scenario: str, ip: str, port: int, extra: list[str]
    ) -> None:
        self._folder = folder
        self._name = name
        command = [
            "sipp",
            target,
            "-sf",
            str(HERE / "scen" / scenario),
            "-i",
            ip,
            "-p",
            str(port),
            "-nostdin",
            "-aa",
            "-buff_size",
            "1048576",
            "-key",
            "domain",
            "pbx.bench.invalid",
            "-trace_stat",
            "-stf",
            f"{name}.csv",
            "-fd",
            "1",
            "-trace_rtt",
            "-rtt_freq",
            "1",
            "-trace_err",
            "-error_file",
            f"{name}.err",
            "-cid_str",
            f"%u-%p-{int(time.time() * 1000) % 10**9}@%s",
            *extra,
        ]
        with (folder / f"{name}.out").open("w") as out:
            self.process = subprocess.Popen(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
            )

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def counts(self) -> dict[str, int]:
        """Calls created, ok, failed and messages retransmitted, from the last line of the statistics."""
        path = self._folder / f"{self._name}.csv"
        rows = list(csv.reader(path.read_text().splitlines(), delimiter=";")) if path.exists() else []
        if len(rows) < 2:
            return {}
        last = dict(zip(rows[0], rows[-1], strict=False))
        names = {
            "TotalCallCreated": "created",
            "SuccessfulCall(C)": "ok",
            "FailedCall(C)": "failed",
            "Retransmissions(C)": "retransmitted",
        }
        return {short: int(last.get(name) or 0) for name, short in names.items()}

    def setup_ms(self) -> dict[str, float]:
        values = []
        for path in self._folder.glob(f"*_{self.process.pid}_rtt.csv"):
            for row in csv.reader(path.read_text().splitlines(), delimiter=";"):
                try:
                    values.append(float(row[1]))
                except (ValueError, IndexError):
                    continue
        values.sort()
        if not values:
            return {}
        return {f"p{q}": values[min(len(values) - 1, len(values) * q // 100)] for q in (50, 95, 99)} | {
            "max": values[-1]
        }


def run(
    name: str, pids: list[int], rate: float, calls: int, host: str = "127.0.0.1", port: int = 5060
) -> dict[str, Any]:
    """Run one workload; the server must have the users of bench/README.md."""
    shape = SHAPES[name]
    folder = Path(tempfile.mkdtemp(prefix="kiestoon-bench."))
    (folder / "media").symlink_to(HERE / "media")
    target = f"{host}:{port}"
    callee = None
    try:
        if shape.callee:
            callee = Sipp(folder, "uas", target, shape.callee, CALLEE, 5070, ["-mi", CALLEE, "-mp", "6100"])
            time.sleep(1)
            if callee.process.poll() is not None:
                raise RuntimeError("sipp did not start: " + (folder / "uas.out").read_text()[-300:])
        limit = str(calls) if name.startswith("w4") else "8000"
        extra = ["-m", str(calls), "-r", str(rate), "-l", limit]
        if shape.users:
            extra += ["-inf", str(HERE / shape.users)]
        if shape.service:
            extra += ["-s", shape.service]
        if shape.media:
            extra += ["-mi", shape.ip, "-mp", "6000"]
        before, started = cpu_seconds(pids), time.time()
        caller = Sipp(folder, "uac", target, shape.scenario, shape.ip, shape.port, extra)
        memory, received = memory_kib(pids), 0
        while caller.process.poll() is None and time.time() - started < GIVE_UP_S:
            time.sleep(0.2)
            memory = max(memory, memory_kib(pids))
            received = socket_drops(shape.ip, 6000) or received
        wall = time.time() - started
        time.sleep(1.5)
        cpu = cpu_seconds(pids) - before
        caller.stop()
        counts = caller.counts()
        ok = counts.get("ok", 0)
        result: dict[str, Any] = {
            "workload": name,
            "rate": rate,
            "calls": calls,
            "wall_s": round(wall, 2),
            "cpu_s": round(cpu, 2),
            "memory_kib": memory,
            "counts": counts,
            "setup_ms": caller.setup_ms(),
            "success": round(ok / calls, 5),
        }
        if name.startswith("w4"):
            result["cpu_s_per_call_minute"] = round(cpu / (calls * 0.5), 4)
            result["rtp_to_caller"] = received
        else:
            result["cpu_s_per_1000"] = round(cpu * 1000 / max(1, ok), 3)
        return result
    finally:
        if callee:
            callee.stop()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("workload", choices=sorted(SHAPES))
    parser.add_argument("--pids", required=True)
    parser.add_argument("--tree", action="store_true")
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--port", type=int, default=5060)
    options = parser.parse_args()
    pids = [int(p) for p in options.pids.split(",") if p]
    print(
        json.dumps(
            run(
                options.workload,
                with_descendants(pids) if options.tree else pids,
                options.rate,
                options.calls,
                port=options.port,
            )
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
