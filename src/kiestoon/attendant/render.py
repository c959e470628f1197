"""`python -m kiestoon.attendant.render`: makes the prompts, and the spoken addresses of the routing store.

`./run` gives it before it starts the attendant. What is there and says the same is left alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from kiestoon.adapters.speech import CannotSpeak, Speak, speak
from kiestoon.attendant.prompts import FOLDER, prompt_path
from kiestoon.attendant.texts import TEXTS

MADE = "made.json"
"""What each prompt was made from: {"nl/thanks": hash}."""


def render_prompts(state: Path, speaker: Speak = speak) -> int:
    """Make each prompt whose text differs from what was spoken last; returns how many."""
    record = state / FOLDER / MADE
    try:
        made: dict[str, str] = json.loads(record.read_text())
    except (OSError, ValueError):
        made = {}
    count = 0
    for key, language, text in _texts():
        path = prompt_path(state, key, language)
        mark = hashlib.sha256(text.encode()).hexdigest()
        if made.get(f"{language}/{key}") == mark and path.is_file():
            continue
        speaker(text, language, path)
        made[f"{language}/{key}"] = mark
        count += 1
    if count:
        record.write_text(json.dumps(made, indent=1, sort_keys=True))
    return count


def _texts() -> Iterable[tuple[str, str, str]]:
    return ((key, language, text) for key, row in TEXTS.items() for language, text in row.items())


def main() -> int:
    state = Path(os.environ["KIESTOON_STATE"])
    try:
        made = render_prompts(state)
    except CannotSpeak as error:
        print(f"the prompts cannot be made: {error}", file=sys.stderr)
        return 1
    print(f"{made} prompts made")
    return 0


if __name__ == "__main__":
    sys.exit(main())
