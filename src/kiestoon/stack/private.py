"""A stack for tests: its own state directory, started and stopped through ./run and ./kiestoon."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parents[3]


class PrivateStack:
    """`with PrivateStack() as stack:` has everything running; KIESTOON_STATE and KIESTOON_RUN say where.

    Ports are fixed, so there is one stack on a machine at a time.
    """

    def __init__(self, state: str | None = None, run: str | None = None) -> None:
        user = os.getuid()
        base = Path("/var/lib") if user == 0 else ROOT / "var"
        self.state = Path(state or os.environ.get("KIESTOON_STATE") or base / "kiestoon-test")
        self.run = Path(run or os.environ.get("KIESTOON_RUN") or f"/tmp/kiestoon-test-{user}")

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "KIESTOON_STATE": str(self.state), "KIESTOON_RUN": str(self.run)}

    def cli(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """./kiestoon with these arguments."""
        return self._call("kiestoon", *arguments, timeout=timeout)

    def json(self, *arguments: str) -> Any:
        """What ./kiestoon … --json says."""
        return json.loads(self.cli(*arguments, "--json").stdout)

    def start(self, timeout: float = 300) -> None:
        done = self._call("run", "--detach", timeout=timeout)
        if done.returncode:
            raise RuntimeError(f"./run --detach failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")

    def stop(self) -> None:
        self.cli("stop")

    def wipe(self) -> None:
        """Forget everything this stack kept; only when it is stopped."""
        shutil.rmtree(self.state, ignore_errors=True)

    def pid(self, process: str) -> int:
        """Of a process as `status` names it."""
        rows = {row["name"]: row for row in self.json("status")["processes"]}
        return int(rows[process]["pid"])

    def _call(self, program: str, *arguments: str, timeout: float) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(ROOT / program), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            timeout=timeout,
        )

    def __enter__(self) -> PrivateStack:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
