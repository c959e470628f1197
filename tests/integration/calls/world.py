"""A PostgreSQL that can be stopped and started, a journal, and the ingest process."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from kiestoon.portal.calls.ingestion.process import Ingestion
from kiestoon.store.journal import SegmentWriter

BIN = Path("/usr/lib/postgresql/15/bin")
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",  # only the processes are killed here, never the machine
    "synchronous_commit": "on",
    "shared_buffers": "32MB",
    "max_connections": "20",
    "jit": "off",
    "timezone": "UTC",
}
TABLES = (
    "calls_call, calls_segment, calls_gap, calls_unreadable, calls_refusal, calls_securityevent, "
    "webhooks_event, webhooks_endpoint, webhooks_delivery, procrastinate_jobs, procrastinate_events, "
    "procrastinate_periodic_defers, emergency_log_begun"
)


class World:
    """State in `folder` (journal below it), PostgreSQL's socket there too."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = sys.executable
        self.journal = folder / "journal"
        self._as: list[str] = []
        if os.getuid() == 0:
            user = pwd.getpwnam("kiestoon")
            os.chown(folder, user.pw_uid, user.pw_gid)
            self._as = ["setpriv", "--reuid", "kiestoon", "--regid", str(user.pw_gid), "--init-groups"]

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "KIESTOON_STATE": str(self.folder),
            "KIESTOON_RUN": str(self.folder),
            "DJANGO_SETTINGS_MODULE": "kiestoon.portal.settings",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }

    def create(self) -> None:
        owner = pwd.getpwuid(os.getuid()).pw_name
        data = str(self.folder / "data")
        self._run(
            "initdb", "-D", data, "-U", owner, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-N"
        )
        self.start()
        self._run("createdb", "-h", str(self.folder), "-U", owner, "kiestoon")
        self.portal("migrate")

    def start(self) -> None:
        settings = {**SETTINGS, "unix_socket_directories": str(self.folder)}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-o", options, "-l", "/dev/null", "start")

    def stop(self) -> None:
        """As a crash: no checkpoint, connections cut."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", "immediate", "stop")

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(dbname="kiestoon", host=str(self.folder), autocommit=True)

    def rows(self, query: str) -> list[Any]:
        with self.connect() as connection:
            return connection.execute(query).fetchall()

    def one(self, query: str) -> Any:
        return self.rows(query)[0][0]

    def reset(self) -> None:
        """Empty journal, empty tables."""
        shutil.rmtree(self.journal, ignore_errors=True)
        self.journal.mkdir(mode=0o755)
        with self.connect() as connection:
            connection.execute(f"TRUNCATE {TABLES}")

    def writer(self, reserve: int = 1 << 20, rotate: int = 1 << 18) -> SegmentWriter:
        return SegmentWriter(self.journal, reserve, rotate)

    def ingestion(self) -> Ingestion:
        """Ingestion within this process: `drain` does all there is."""
        return Ingestion(self.journal, self.connect)

    def drain(self) -> int:
        """By a process of its own, as it were: nothing remembered from before."""
        ingestion = self.ingestion()
        try:
            return ingestion.drain()
        finally:
            ingestion.close()

    def start_ingest(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "kiestoon.portal", "ingest"]
        return subprocess.Popen(command, env=self.environment, stderr=subprocess.DEVNULL)

    def portal(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "kiestoon.portal", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self._as, str(BIN / program), *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            cwd="/",
        )
        assert done.returncode == 0, done.stderr


@contextmanager
def running_world() -> Iterator[World]:
    folder = Path(tempfile.mkdtemp(prefix="kcalls-"))
    folder.chmod(0o755)
    world = World(folder)
    try:
        world.create()
        yield world
    finally:
        world.stop()
        shutil.rmtree(folder, ignore_errors=True)


def eventually(true: Callable[[], bool], seconds: float = 15.0) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
