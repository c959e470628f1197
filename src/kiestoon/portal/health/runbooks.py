"""The runbooks of docs/runbooks/, one for each kind of alert, as text."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(os.environ.get("KIESTOON_APP") or Path(__file__).resolve().parents[4]) / "docs" / "runbooks"


def kinds() -> list[str]:
    """Kinds that have a runbook."""
    return sorted(path.stem for path in FOLDER.glob("*.md") if path.stem != "README")


def runbook(kind: str) -> str | None:
    """The text, Markdown as written; None when there is none. `kind` is compared, never made into a path."""
    return (FOLDER / f"{kind}.md").read_text() if kind in kinds() else None
