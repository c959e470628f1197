"""Who called 112 with which number lately, in a file: it carries what the edge remembers over a restart."""

from __future__ import annotations

import json
import os
from pathlib import Path


def write_helped(path: Path, helped: dict[str, str]) -> None:
    """Replace the file by E.164 number to the edge's note about it. Raises OSError."""
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(helped))
    os.replace(fresh, path)


def read_helped(path: Path) -> dict[str, str]:
    """What was written; nothing when there is no file, or what is there cannot be read."""
    try:
        return {str(number): str(note) for number, note in json.loads(path.read_text()).items()}
    except (OSError, ValueError, AttributeError):
        return {}
