"""The bans in force, in a file: written by the edge within a second of a change, read by the portal.

It also carries bans over a restart of the edge.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from kiestoon.vocabulary.ban import Ban


def write_bans(path: Path, bans: Iterable[Ban], banned_before: dict[str, int]) -> None:
    """Replace the file. `banned_before`: how often a source was banned lately. Raises OSError."""
    content = {"bans": [asdict(ban) for ban in bans], "banned_before": banned_before}
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(content))
    os.replace(fresh, path)


def read_bans(path: Path, now: float) -> tuple[list[Ban], dict[str, int]]:
    """(bans not over at `now`, Unix seconds, newest first; how often each source was banned lately).

    Nothing when the edge has written none yet, or what is there cannot be read.
    """
    try:
        content = json.loads(path.read_text())
        bans = [Ban(**row) for row in content["bans"]]
        before = {str(source): int(times) for source, times in content["banned_before"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return [], {}
    return sorted((ban for ban in bans if ban.until > now), key=lambda ban: -ban.since), before
