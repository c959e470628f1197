"""What `./kiestoon status` shows: processes, routing store, journal."""

from __future__ import annotations

import contextlib
import importlib
from datetime import UTC, datetime
from typing import Any

from kiestoon import __version__
from kiestoon.stack.layout import Layout
from kiestoon.stack.watcher import Watcher

NOT_RUNNING: dict[str, Any] = {"ready": False, "processes": []}


def status(layout: Layout) -> dict[str, Any]:
    """The object of `status --json` (docs: house.md, interfaces for scripts)."""
    watcher = Watcher(layout)
    if not watcher.alive():
        return NOT_RUNNING
    rows = watcher.processes()
    snapshot = snapshot_of(layout)
    ready = all(row["state"] == "running" for row in rows) and snapshot["version"] is not None
    return {
        "ready": ready,
        "version": __version__,
        "processes": rows,
        "snapshot": snapshot,
        "journal": journal_of(layout),
    }


def snapshot_of(layout: Layout) -> dict[str, Any]:
    """Version of the routing store; null when there is none yet or it cannot be read."""
    found = None
    with contextlib.suppress(Exception):
        found = importlib.import_module("kiestoon.store.routing_store").read_version(layout.routing_customers)
    version, published_at = found or (None, None)
    if isinstance(published_at, datetime):
        published_at = published_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return {"version": version, "published_at": published_at}


def journal_of(layout: Layout) -> dict[str, Any]:
    """Events not yet ingested, and the age of the oldest."""
    pending, oldest = 0, 0.0
    with contextlib.suppress(ImportError, AttributeError, OSError):
        answer = importlib.import_module("kiestoon.store.journal").pending(layout.journal)
        pending, oldest = answer if isinstance(answer, tuple) else (answer, 0.0)
    return {"pending": pending, "oldest_pending_s": round(oldest, 3)}


def tail(layout: Layout, name: str, lines: int = 15) -> str:
    """The end of a process's log."""
    try:
        text = (layout.log / f"{name}.log").read_text(errors="replace")
    except OSError:
        return f"(no log at {layout.log / name}.log)"
    return "\n".join(text.splitlines()[-lines:])


def as_text(answer: dict[str, Any]) -> str:
    if not answer["processes"]:
        return "not running: ./run starts it"
    lines = [f"Kiestoon {answer['version']}: {'ready' if answer['ready'] else 'NOT READY'}"]
    for row in answer["processes"]:
        lines.append(
            f"  {row['name']:<26}{row['state']:<10}{row['pid'] or '-':>8}  since {row['since'] or '-'}"
        )
    snapshot, journal = answer["snapshot"], answer["journal"]
    if snapshot["version"] is None:
        lines.append("  routing store: none that can be read")
    else:
        lines.append(f"  routing store: version {snapshot['version']}, published {snapshot['published_at']}")
    lines.append(f"  journal: {journal['pending']} events pending, oldest {journal['oldest_pending_s']} s")
    return "\n".join(lines)
