"""A PostgreSQL cluster of its own for tests: a temporary folder, a Unix socket, gone when the tests end."""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

POSTGRES_BIN = Path("/usr/lib/postgresql/15/bin")
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "40",
    "jit": "off",
    "timezone": "UTC",
}


@dataclass(frozen=True)
class Cluster:
    """Connect to `socket_folder` (libpq's host) as the user who runs the tests, who is superuser there."""

    folder: Path
    socket_folder: Path


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Make and start a cluster; PostgreSQL refuses root, so root's runs as the service user."""
    folder = Path(tempfile.mkdtemp(prefix="kpg-"))  # short: the socket's path has at most 107 bytes
    prefix = _as_other(folder) if os.getuid() == 0 else ()
    try:
        data = folder / "data"
        initdb = (str(POSTGRES_BIN / "initdb"), "-D", str(data), "-U", getpass.getuser())
        options = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
        done = subprocess.run([*prefix, *initdb, *options], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        settings = {**SETTINGS, "unix_socket_directories": str(folder)}
        command = [str(POSTGRES_BIN / "postgres"), "-D", str(data)]
        command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (folder / "log").open("w") as log:
            # A killed test run takes its cluster with it.
            death = () if not prefix else ("--pdeathsig", "INT")
            process = subprocess.Popen([*prefix, *death, *command], stdout=log, stderr=log)
        try:
            _wait(folder, process)
            yield Cluster(folder, folder)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_other(folder: Path) -> tuple[str, ...]:
    """setpriv's arguments for the service user (or Debian's postgres), to whom the folder is given."""
    for name in ("kiestoon", "postgres"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, user.pw_uid, user.pw_gid)
        return ("setpriv", "--reuid", name, "--regid", str(user.pw_gid), "--init-groups")
    raise RuntimeError("neither the user kiestoon nor the user postgres exists: ./test makes the first")


def _wait(folder: Path, process: subprocess.Popen[bytes]) -> None:
    ready = [str(POSTGRES_BIN / "pg_isready"), "-q", "-h", str(folder)]
    deadline = time.monotonic() + 30
    while subprocess.run(ready, check=False).returncode:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL does not start:\n{(folder / 'log').read_text()[-2000:]}")
        time.sleep(0.05)
