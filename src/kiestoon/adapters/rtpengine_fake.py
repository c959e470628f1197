"""rtpengine in memory, for unit tests."""

from __future__ import annotations

from collections.abc import Collection

from kiestoon.adapters.rtpengine import MediaUnavailable


class FakeMediaSessions:
    """Has the sessions in `sessions`; `up` False: does not answer."""

    def __init__(self, *sessions: str) -> None:
        self.sessions = set(sessions)
        self.up = True
        self.asked = 0

    def alive(self, sip_call_ids: Collection[str]) -> set[str]:
        self.asked += 1
        if not self.up:
            raise MediaUnavailable("switched off")
        return set(sip_call_ids) & self.sessions
