"""What /proc tells: which processes are ours, and who holds a port."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import pwd
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kiestoon.stack.layout import Layout

LISTENING = {"tcp": "0A", "udp": "07"}


@dataclass(frozen=True)
class Listener:
    """A listening socket."""

    protocol: str
    address: str
    port: int
    inode: str
    uid: int


def command_of(pid: int) -> str:
    """The command line of a process, or an empty string when it is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return ""


def pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def of_stack(layout: Layout) -> list[int]:
    """Processes that carry this stack's run directory in their environment, or its paths as arguments.

    Not ourselves, nor the shells and commands that started us.
    """
    mark = f"KIESTOON_RUN={layout.run}".encode()
    paths = (str(layout.postgres), str(layout.edge / "kamailio.cfg"), str(layout.supervisor_config))
    family, found = _ancestors(), []
    for pid in pids():
        if pid in family or is_zombie(pid):
            continue
        try:
            started_by_watcher = b"SUPERVISOR_ENABLED=" in (
                environ := Path(f"/proc/{pid}/environ").read_bytes()
            )
            ours = started_by_watcher and mark in environ.split(b"\0")
        except OSError:
            ours = False
        if ours or any(path in command_of(pid).split() for path in paths):
            found.append(pid)
    return found


def end(targets: Iterable[int], patience: float = 5.0) -> None:
    """TERM, then KILL what is left after `patience` seconds."""
    left = list(targets)
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        deadline = time.monotonic() + patience
        while left and time.monotonic() < deadline:
            left = [pid for pid in left if not is_zombie(pid)]
            time.sleep(0.02)
        if not left:
            return


def listeners() -> list[Listener]:
    """Every listening TCP and bound UDP socket."""
    found = []
    for protocol, state in LISTENING.items():
        for suffix in ("", "6"):
            with contextlib.suppress(OSError):
                lines = Path(f"/proc/net/{protocol}{suffix}").read_text().splitlines()[1:]
                found += [_listener(protocol, line.split()) for line in lines if line.split()[3] == state]
    return found


def _listener(protocol: str, fields: list[str]) -> Listener:
    address, _, port = fields[1].partition(":")
    return Listener(protocol, _address(address), int(port, 16), fields[9], int(fields[7]))


def _address(text: str) -> str:
    """The kernel writes each 32-bit word in host byte order."""
    raw = b"".join(bytes.fromhex(text[i : i + 8])[::-1] for i in range(0, len(text), 8))
    return str(ipaddress.ip_address(raw))


def collides(held: Listener, protocol: str, address: str, port: int) -> bool:
    """Would binding this fail, or share the port with a stranger?"""
    if held.protocol != protocol or held.port != port:
        return False
    return held.address in (address, "::") or (held.address == "0.0.0.0" and ":" not in address)


def owners(held: list[Listener]) -> dict[str, int]:
    """inode → pid, for those of `held` whose process we may look into."""
    wanted = {f"socket:[{one.inode}]": one.inode for one in held}
    found: dict[str, int] = {}
    for pid in pids():
        with contextlib.suppress(OSError):
            for fd in os.scandir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    inode = wanted.get(os.readlink(fd.path))
                    if inode:
                        found.setdefault(inode, pid)
    return found


def describe(held: Listener, pid: int | None) -> str:
    """Whose socket this is, as well as we can tell."""
    if pid is not None:
        return f"process {pid} ({command_of(pid)[:120]})"
    try:
        user = pwd.getpwuid(held.uid).pw_name
    except KeyError:
        user = str(held.uid)
    return f"a process of user {user} (only root can see which: ss -lnp 'sport = {held.port}')"


def _ancestors() -> set[int]:
    family, pid = set(), os.getpid()
    while pid > 1:
        family.add(pid)
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            break
    return family
