"""The paths to a centre, tried in turn: one that failed lately comes last, and is still tried."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from kiestoon.domain.emergency.paths import Path
from kiestoon.domain.emergency.transport import over_stream
from kiestoon.domain.routing.call import Stage
from kiestoon.domain.routing.targets import to_trunk

AVOIDED_SECONDS: Final = 300
"""How long a path that failed is tried last, unless it answers meanwhile."""
ASKED_EVERY_SECONDS: Final = 5.0
"""Each path is asked whether it is there (OPTIONS, RFC 3261 section 11): no caller shall have to find out."""


def in_turn(
    paths: Sequence[Path], cli: str | None, because: str, *, to: str | None = None, to_centre: bool = True
) -> Stage | None:
    """The paths one after the other, each when the one before it fails; None when there is none.

    `to_centre`: over TCP or TLS, as what a centre is sent does not fit into a datagram.
    """
    stage: Stage | None = None
    for path in reversed(paths):
        target = to_trunk(path.trunk, path.request_user, cli)
        if to_centre:
            target = replace(target, uri=over_stream(target.uri))
        stage = Stage((target,), because=because, to=to, emergency=True, failed=stage)
    return stage


def in_order(stage: Stage, avoided: Collection[str]) -> Stage:
    """The stages of an emergency call, those of trunks in `avoided` (ids) behind the others."""
    chain: list[Stage] = []
    following: Stage | None = stage
    while following is not None:
        chain.append(following)
        following = following.failed
    chain.sort(key=lambda one: any(target.id in avoided for target in one.targets))
    last: Stage | None = None
    for one in reversed(chain):
        last = replace(one, failed=last)
    return last or stage


def is_path_down(code: int) -> bool:
    """Whether this final answer says that the path does not work, rather than something of the one call."""
    return code == 408 or code >= 500
