"""The rest of a decision while a call rings: stages as plain dictionaries, kept with the transaction.

A failure route may run in another process than the request, so the plan travels in an AVP as JSON.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from kiestoon.domain.routing import call
from kiestoon.edge import ksr

Stage = dict[str, Any]


def compile_stage(stage: call.Stage) -> Stage:
    """A stage and all that may follow it."""
    row: Stage = {
        "targets": [
            {
                "kind": t.kind,
                "id": t.id,
                "name": t.name,
                "uri": t.uri,
                "request_user": t.request_user,
                "cli": t.cli,
                "anonymous": t.anonymous,
                "srtp": t.srtp,
                "max_calls": t.max_calls,
                "reserved_calls": t.reserved_calls,
            }
            for t in stage.targets
        ],
        "ring_seconds": stage.ring_seconds,
        "because": stage.because,
        "forwarded_from": stage.forwarded_from,
        "diversions": [[d.number, d.condition] for d in stage.diversions],
        "to": stage.to,
        "emergency": stage.emergency,
    }
    if stage.announcement is not None:
        row["announcement"] = asdict(stage.announcement)
        row["refusal"] = list(stage.refusal)
    for name in ("failed", "busy", "no_answer", "unreachable"):
        following = getattr(stage, name)
        if following is not None:
            row[name] = compile_stage(following)
    return row


_latest: tuple[str, Stage] = ("", {})


def remember(stage: Stage) -> None:
    """Keep the stage being tried (and what follows it) with the transaction."""
    global _latest
    text = json.dumps(stage, separators=(",", ":"))
    ksr.sets("$avp(plan)", text)
    _latest = (text, stage)


def recall() -> Stage:
    """The stage being tried."""
    text = ksr.text("$avp(plan)")
    if text == _latest[0]:
        return _latest[1]
    stage: Stage = json.loads(text)
    return stage
