"""The running stack, as the bench sees it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def status() -> dict[str, Any]:
    """The object of `./kiestoon status --json`; ends the program when the stack does not run."""
    command = [str(ROOT / "kiestoon"), "status", "--json"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    found: dict[str, Any] = json.loads(answer.stdout)
    if not found["ready"]:
        sys.exit("The stack is not ready: start it with ./run --detach first.")
    return found


def processes() -> dict[str, int]:
    """Name to pid of every process of the stack."""
    return {row["name"]: row["pid"] for row in status()["processes"] if row["pid"]}


def service(module: str, *arguments: str) -> list[str]:
    """The command that runs a Python module as the service's user."""
    command = [sys.executable, "-m", module, *arguments]
    if os.geteuid() == 0:
        owner = str(Path(os.environ["KIESTOON_STATE"]).stat().st_uid)
        group = str(Path(os.environ["KIESTOON_STATE"]).stat().st_gid)
        return ["setpriv", "--reuid", owner, "--regid", group, "--clear-groups", *command]
    return command


def drained(limit_s: float = 60) -> float | None:
    """Seconds until no journal event waits for ingestion; None when it takes longer than `limit_s`."""
    started = time.monotonic()
    while time.monotonic() - started < limit_s:
        if status()["journal"]["pending"] == 0:
            return time.monotonic() - started
        time.sleep(0.5)
    return None
