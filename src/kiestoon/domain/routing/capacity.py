"""Lines of a trunk: how many calls it takes at a time, and which of them are kept for emergency calls."""

from __future__ import annotations

from typing import Final

LINE_SECONDS: Final = 4 * 3600
"""A call whose end nobody told is counted for so long."""


RESERVED_MEDIA_PORTS: Final = 400
"""UDP ports of the media relay that ordinary calls leave free: a call takes four, and more while several
telephones ring."""


def has_room(ordinary: int, emergency: int, max_calls: int, reserved: int) -> bool:
    """Whether one more ordinary call may go over a trunk that carries these.

    `max_calls` 0 is no limit. Emergency calls are not asked about: they are tried, whatever is counted, and
    take their reserved lines first.

    >>> has_room(7, 0, 10, 2), has_room(8, 0, 10, 2), has_room(7, 3, 10, 2), has_room(99, 0, 0, 0)
    (True, False, False, True)
    """
    if max_calls == 0:
        return True
    return ordinary < max_calls - reserved and ordinary + emergency < max_calls
