"""`./test`: every suite in order, the time of each, and one closing line that counts."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LINT = {
    "ruff check": ("ruff", "check", "."),
    "ruff format": ("ruff", "format", "--check", "."),
    "mypy": ("mypy",),
    "import contracts": ("lint-imports",),
}
SOFTPHONE = Path(sys.prefix) / "share" / "kiestoon" / "softphone.build"
"""Where bootstrap.sh built the softphone from these sources, with its compiler beside it."""
LINT |= {
    "softphone types": ("npm", "--prefix", str(SOFTPHONE), "run", "--silent", "check"),
    "softphone units": ("npm", "--prefix", str(SOFTPHONE), "run", "--silent", "test"),
}
PYTEST = ("unit", "contract", "integration", "scenarios", "chaos", "browser")
NEED_ROOT = ("integration", "scenarios", "chaos", "browser")
OWN_NETWORK = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
"""Suites that start a stack run in a network namespace of their own: its ports are fixed, and a stack that
runs on this machine must not be disturbed."""


@dataclass
class Count:
    """What one suite came to."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    note: str = ""


def lint() -> Count:
    count = Count()
    tools = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
    for title, command in LINT.items():
        done = subprocess.run([str(tools / command[0]), *command[1:]], cwd=ROOT, env=environment, check=False)
        print(f"{'ok  ' if done.returncode == 0 else 'FAIL'} {title}", flush=True)
        count.passed += done.returncode == 0
        count.failed += done.returncode != 0
    return count


def pytest(suite: str, extra: list[str]) -> Count:
    folder = ROOT / "tests" / suite
    if not any(folder.rglob("test_*.py")):
        return Count(note="no tests yet")
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", str(folder), *extra]
        if suite in NEED_ROOT:
            command = [*OWN_NETWORK, *command]
        done = subprocess.run(command, cwd=ROOT, check=False)
        return _counted(report, done.returncode)


def _counted(report: Path, code: int) -> Count:
    """Counts from the report; a suite that broke down counts as one failure at least."""
    if not report.exists():
        return Count(failed=1, note=f"pytest stopped with exit code {code}")
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    total = failed = skipped = 0
    for one in suites:
        total += int(one.get("tests", 0))
        failed += int(one.get("failures", 0)) + int(one.get("errors", 0))
        skipped += int(one.get("skipped", 0))
    passed = max(0, total - failed - skipped)
    if code not in (0, 5) and not failed:
        failed = 1
    return Count(passed, failed, skipped)


def main(arguments: list[str]) -> int:
    known = ("lint", *PYTEST)
    chosen = [one for one in arguments if not one.startswith("-")]
    extra = [one for one in arguments if one.startswith("-")]
    if unknown := [one for one in chosen if one not in known]:
        print(f"no suite is called {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    without_root = []
    counts: dict[str, tuple[Count, float]] = {}
    for suite in chosen or known:
        if suite in NEED_ROOT and os.getuid():
            without_root.append(suite)
            continue
        print(f"\n=== {suite}", flush=True)
        begun = time.monotonic()
        count = lint() if suite == "lint" else pytest(suite, extra)
        counts[suite] = (count, time.monotonic() - begun)
    print()
    for suite, (count, seconds) in counts.items():
        words = count.note or f"{count.passed} passed, {count.failed} failed, {count.skipped} skipped"
        print(f"{suite:<14}{seconds:8.1f} s  {words}")
    if without_root:
        print(f"skipped, because they need root: {', '.join(without_root)}")
    failed = sum(count.failed for count, _ in counts.values())
    print(f"{sum(count.passed for count, _ in counts.values())} passed, {failed} failed", flush=True)
    return 1 if failed or without_root else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
