"""Are the ports we need free? Names who holds each one that is not."""

from __future__ import annotations

import sys

from kiestoon.stack import processes
from kiestoon.stack.layout import Layout
from kiestoon.stack.programs import needed_ports
from kiestoon.stack.watcher import Watcher


def taken(ours: set[int] | None = None) -> list[str]:
    """A sentence for each owner of ports we need; processes in `ours` do not count."""
    held = processes.listeners()
    clashes = [
        (one, protocol, address, port, name)
        for protocol, address, port, name in needed_ports()
        for one in held
        if processes.collides(one, protocol, address, port)
    ]
    owners = processes.owners([clash[0] for clash in clashes])
    by_owner: dict[str, list[str]] = {}
    for one, protocol, address, port, name in clashes:
        pid = owners.get(one.inode)
        if pid is None or pid not in (ours or set()):
            where = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
            by_owner.setdefault(processes.describe(one, pid), []).append(f"{protocol} {where} ({name})")
    return [f"{owner} holds {', '.join(dict.fromkeys(ports))}" for owner, ports in by_owner.items()]


def main() -> int:
    """Run as root by ./run, because only root sees whose process holds a port."""
    layout = Layout.from_environment()
    if Watcher(layout).alive():
        return 0
    found = taken(set(processes.of_stack(layout)))
    for sentence in found:
        print(f"kiestoon: {sentence}", file=sys.stderr)
    if found:
        print(
            "kiestoon: stop these first (another checkout? its ./kiestoon stop); nothing was started",
            file=sys.stderr,
        )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
