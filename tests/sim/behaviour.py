"""What a simulated peer does with a call that comes in, by the state it was switched to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from tests.sim.incoming_call import IncomingCall
from tests.sim.media.endpoint import Frames

ANSWER_AFTER = 0.3
SLOW = 5.0
RING_LONG = 12.0
TONE = 1000
REFUSALS = {
    "busy": (486, ""),
    "unavailable": (503, ""),
    "not-found": (404, ""),
    "declined": (603, ""),
    "error": (500, ""),
    "rejected": (403, ""),
}
FAULTS = (
    *REFUSALS,
    "no-answer",
    "silent",
    "ring-long",
    "late",
    "early-media",
    "tone",
    "loss",
    "reorder",
    "no-audio",
    "hangs-up",
)
STATES = ("on", "off", "slow", *FAULTS)
"""off: SIP ports closed; slow: rings, answers after 5 s; silent: receives, never replies; late: silent for
5 s, then answers; early-media: 183 with audio first; loss: drops 3 % of its RTP; hangs-up: BYE after 1 s."""


@dataclass
class Behaviour:
    """How calls are answered now."""

    state: str = "on"
    answer_after: float = ANSWER_AFTER

    async def handle(self, call: IncomingCall, frames: Frames) -> None:
        """From 100 to the answer or the refusal; the caller ends an answered call."""
        state = self.state
        if state == "late":
            await asyncio.sleep(SLOW)
        if call.is_ended:
            return
        call.trying()
        if state in REFUSALS:
            await asyncio.sleep(0.05)
            if not call.is_ended:
                await call.reject(*REFUSALS[state])
            return
        if state == "early-media":
            await call.early_media(tone=TONE)
            await asyncio.sleep(2)
        else:
            await call.ring()
            if state == "no-answer":
                return
            await asyncio.sleep({"slow": SLOW, "ring-long": RING_LONG}.get(state, self.answer_after))
        if call.is_ended:
            return
        call.media.drop = 0.03 if state == "loss" else 0.0
        call.media.reorder = 0.05 if state == "reorder" else 0.0
        if state == "tone":
            await call.answer(tone=TONE)
        elif state == "no-audio":
            await call.answer()
            call.media.stop()
        else:
            await call.answer(frames=frames)
        if state == "hangs-up":
            await asyncio.sleep(1)
            await call.hang_up()
