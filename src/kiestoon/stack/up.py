"""Bring the whole stack up: in order, with progress, until a real test call has gone through."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from kiestoon.adapters import kamailio
from kiestoon.stack import certificates, database, ports, probes, processes, restarts
from kiestoon.stack.demo import greeting
from kiestoon.stack.layout import Layout
from kiestoon.stack.programs import Program, exists
from kiestoon.stack.status import tail
from kiestoon.stack.watcher import Watcher, all_programs, not_built

PREPARATION = (
    ("translations and static files", ("assets",)),
    ("migrations", ("migrate", "--noinput")),
    ("demo world", ("demo_world",)),
    ("publication", ("publish",)),
)
"""Commands of kiestoon.portal that make the database, the demo world and the first routing store."""

PATIENCE = 30.0


class StartFailed(Exception):
    """Says what did not start, and where to look."""


def up(layout: Layout, *, detach: bool) -> int:
    """Start everything; stay until Ctrl-C unless `detach`."""
    watcher = Watcher(layout)
    if watcher.alive():
        print("Kiestoon is already up. ./kiestoon status shows it, ./kiestoon stop stops it.")
        return 0
    begun = time.monotonic()
    processes.end(processes.of_stack(layout))
    restarts.forget(layout)
    if found := ports.taken():
        raise StartFailed("; ".join(found) + ": stop these first; nothing was started")
    shutil.rmtree(layout.counters, ignore_errors=True)
    layout.make()
    with _step("certificates"):
        certificates.ensure(layout)
    with _step("database cluster"):
        database.initialise(layout)
    with _step("spoken prompts"):
        _prompts(layout)
    try:
        watcher.launch()
        _bring_up(layout, watcher)
    except (KeyboardInterrupt, Exception) as error:
        print("kiestoon: stopping what was started", file=sys.stderr)
        down(layout)
        if isinstance(error, (StartFailed, KeyboardInterrupt)):
            raise
        raise StartFailed(f"{type(error).__name__}: {error}") from error
    print(f"\nReady after {time.monotonic() - begun:.1f} s.\n")
    print(greeting(layout))
    if detach:
        return 0
    return _stay(layout, watcher)


def down(layout: Layout) -> None:
    """Stop the watcher and everything it started, and leave no process and no socket behind."""
    watcher = Watcher(layout)
    if watcher.alive():
        watcher.shutdown()
        deadline = time.monotonic() + 30
        while processes.of_stack(layout) and time.monotonic() < deadline:
            time.sleep(0.05)
    processes.end(processes.of_stack(layout))
    for path in layout.run.iterdir() if layout.run.is_dir() else ():
        if not path.is_dir():
            path.unlink(missing_ok=True)


def _bring_up(layout: Layout, watcher: Watcher) -> None:
    """The call plane first when it has a routing store: it does not need the database."""
    known = layout.routing_customers.exists()
    early = ["media", "postgres", "journal"] + (["edge", "attendant"] if known else [])
    if missing := not_built(layout):
        print(f"  left out, not in this checkout: {', '.join(missing)}")
    names = [program.name for program in all_programs(layout)]
    watcher.start(*early)
    watcher.start(*(name for name in names if name.startswith("sim-")))
    with _step("PostgreSQL"):
        _await(layout, "postgres")
        database.create(layout)
    for title, command in PREPARATION if exists("kiestoon.portal.__main__") else ():
        with _step(title):
            _portal(layout, command)
    watcher.start(*(name for name in names if name not in early))
    with _step("edge, media, attendant, portal, jobs, simulators"):
        for program in all_programs(layout):
            _await(layout, program.name)
        _settled(layout, watcher, all_programs(layout))
    with _step("test call"):
        _first_call(layout)


def _await(layout: Layout, name: str) -> None:
    probe = probes.all_probes(layout).get(name)
    if probe and not probes.wait(probe, PATIENCE):
        raise StartFailed(
            f"{name} is not ready after {PATIENCE:.0f} s; its log ends with:\n{tail(layout, name)}"
        )


def _settled(layout: Layout, watcher: Watcher, wanted: tuple[Program, ...]) -> None:
    """Nobody restarts over and over."""
    names = {program.name for program in wanted}
    for row in watcher.processes():
        if row["name"] in names and row["state"] != "running":
            raise StartFailed(
                f"{row['name']} is {row['state']}; its log ends with:\n{tail(layout, row['name'])}"
            )


def _portal(layout: Layout, command: tuple[str, ...]) -> None:
    done = _python(layout, "kiestoon.portal", *command)
    if done.returncode:
        raise StartFailed(
            f"`python -m kiestoon.portal {' '.join(command)}` failed:\n{done.stderr.strip()[-2000:]}"
        )


def _prompts(layout: Layout) -> None:
    done = _python(layout, "kiestoon.attendant.render")
    if done.returncode:
        raise StartFailed(done.stderr.strip()[-2000:])


def _first_call(layout: Layout) -> None:
    """Anna calls Bram through the running edge (a SIP ping while there is no such script)."""
    if not exists("tests.sim.first_call"):
        if not kamailio.answers():
            raise StartFailed("the edge does not answer OPTIONS")
        return
    done = _python(layout, "tests.sim.first_call")
    if done.returncode:
        raise StartFailed(f"the test call failed:\n{(done.stdout + done.stderr).strip()[-2000:]}")


def _python(layout: Layout, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=layout.app,
        env={**os.environ, **layout.environment},
        timeout=300,
    )


def _stay(layout: Layout, watcher: Watcher) -> int:
    """Until Ctrl-C, TERM, or `./kiestoon stop` from elsewhere."""
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    print("\nCtrl-C stops everything.", flush=True)
    try:
        while watcher.alive():
            time.sleep(1)
        print("Kiestoon was stopped.")
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print("\nstopping …", flush=True)
        down(layout)
    return 0


@contextmanager
def _step(title: str) -> Iterator[None]:
    """Progress: what is being done, and how long it took."""
    print(f"· {title} … ", end="", flush=True)
    begun = time.monotonic()
    yield
    print(f"{time.monotonic() - begun:.1f} s", flush=True)
