"""`./kiestoon doctor`: finds what is wrong and says what to do about each thing."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from kiestoon.stack import ports, probes, processes
from kiestoon.stack.layout import Layout
from kiestoon.stack.programs import KAMAILIO, POSTGRES_BIN, RTPENGINE
from kiestoon.stack.status import snapshot_of, tail
from kiestoon.stack.watcher import Watcher

MODULES = Path("/usr/lib/x86_64-linux-gnu/kamailio/modules")
NEEDED = {
    KAMAILIO: "kamailio",
    RTPENGINE: "rtpengine-daemon",
    str(POSTGRES_BIN / "postgres"): "postgresql-15",
    str(MODULES / "app_python3.so"): "kamailio-python3-modules",
    str(MODULES / "tls.so"): "kamailio-tls-modules",
    str(MODULES / "websocket.so"): "kamailio-websocket-modules",
    str(MODULES / "db_sqlite.so"): "kamailio-sqlite-modules",
}
DISK_FREE = 2 << 30


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    good: bool
    advice: str = ""


def examine(layout: Layout) -> list[Finding]:
    findings = [_packages(), *_ports(layout), *_processes(layout), _disk(layout)]
    return [*findings, *_routing(layout), _journal(layout), _clock(layout)]


def _packages() -> Finding:
    missing = [package for path, package in NEEDED.items() if not Path(path).exists()]
    return Finding(
        "Debian packages", not missing, f"missing: {' '.join(missing)}; ./run as root installs them"
    )


def _ports(layout: Layout) -> list[Finding]:
    sentences = ports.taken(set(processes.of_stack(layout)))
    return [Finding("port", False, f"{one}; stop it") for one in sentences] or [Finding("ports", True)]


def _processes(layout: Layout) -> list[Finding]:
    watcher = Watcher(layout)
    if not watcher.alive():
        return [Finding("processes", False, "the stack is not running: ./run starts it")]
    asked, found = probes.all_probes(layout), []
    for row in watcher.processes():
        name, probe = row["name"], asked.get(row["name"])
        if row["state"] != "running":
            found.append(
                Finding(
                    name,
                    False,
                    f"{row['state']}; {layout.log}/{name}.log ends with:\n{tail(layout, name, 6)}",
                )
            )
        elif probe and not probe():
            found.append(
                Finding(
                    name, False, f"runs (pid {row['pid']}) but does not answer; see {layout.log}/{name}.log"
                )
            )
        else:
            found.append(Finding(name, True))
    return found


def _disk(layout: Layout) -> Finding:
    free = shutil.disk_usage(layout.state if layout.state.exists() else "/").free
    advice = f"only {free >> 20} MB free for {layout.state}: make room, or the call journal fills its reserve"
    return Finding(f"disk ({free >> 30} GB free)", free > DISK_FREE, advice)


def _routing(layout: Layout) -> list[Finding]:
    findings = []
    for path in (layout.routing_customers, layout.routing_ported):
        if not path.exists():
            findings.append(Finding(path.name, False, "not published yet: are jobs and postgres running?"))
            continue
        try:
            connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=2)
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            connection.close()
        except sqlite3.Error as error:
            verdict = str(error)
        findings.append(
            Finding(path.name, verdict == "ok", f"cannot be read: {verdict}; remove it and type ./run")
        )
    version = snapshot_of(layout)["version"]
    return [
        *findings,
        Finding(f"routing store version {version}", version is not None, "no version: publish again"),
    ]


def _journal(layout: Layout) -> Finding:
    try:
        alarm = json.loads(layout.alarm.read_text())
    except FileNotFoundError:
        return Finding("call journal", True)
    except (OSError, ValueError) as error:
        return Finding("call journal", False, f"{layout.alarm} cannot be read: {error}")
    advice = f"{layout.alarm}: {json.dumps(alarm)}: attempts were not recorded; make room on the disk"
    return Finding("call journal", not alarm, advice)


def _clock(layout: Layout) -> Finding:
    """A clock others agree with: not before this program, and synchronised where that is known."""
    if time.time() < Path(__file__).stat().st_mtime - 86400:
        return Finding("clock", False, "the clock is before the date of this program: set it (timedatectl)")
    command = ["timedatectl", "show", "-p", "NTPSynchronized", "--value"]
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=5, check=False
        ).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        answer = ""
    return Finding(
        "clock", answer != "no", "not synchronised: apt-get install chrony, or timedatectl set-ntp true"
    )


def report(layout: Layout) -> int:
    findings = examine(layout)
    for one in findings:
        print(f"{'ok  ' if one.good else 'BAD '} {one.what}" + ("" if one.good else f": {one.advice}"))
    bad = sum(not one.good for one in findings)
    print("\nNothing is wrong." if not bad else f"\n{bad} thing(s) to put right.", file=sys.stdout)
    return 1 if bad else 0
