"""Memory Kamailio shares between its processes, as the kernel lists it."""

from __future__ import annotations

from kiestoon.edge.openssl import forget_inherited, shared_ranges

MAPS = """\
55d0c0a00000-55d0c0c00000 rw-p 00000000 00:00 0                          [heap]
7f596b600000-7f597b600000 rw-s 00000000 00:01 389244                     /dev/zero (deleted)
7f597c000000-7f597c001000 rw-s 00000000 fd:01 1234                       /var/lib/x/journal/1.open
7f597d000000-7f597d001000 r--s 00000000 fd:01 99                         /usr/lib/locale/x
7f597e000000-7f597e001000 rw-s 00000000 00:00 0
"""


def test_only_what_is_shared_without_a_file() -> None:
    assert shared_ranges(MAPS) == [(0x7F596B600000, 0x7F597B600000), (0x7F597E000000, 0x7F597E001000)]


def test_a_process_that_inherited_nothing_loses_nothing() -> None:
    assert forget_inherited(MAPS) == 0
