"""Offences and bans, overload, sources, connections: what is decided without Kamailio."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from kiestoon.domain.abuse import offences
from kiestoon.domain.abuse.overload import (
    ANYBODY_MS,
    STANDING_SECONDS,
    STRANGERS_MS,
    Queue,
    is_put_off,
    retry_after_seconds,
)
from kiestoon.edge.connections import count_connections
from kiestoon.store.bans import read_bans, write_bans
from kiestoon.vocabulary.ban import Ban, source_of


@pytest.mark.parametrize("kind", offences.LIMITS)
def test_the_offence_beyond_the_limit_brings_a_ban(kind: str) -> None:
    limit = offences.LIMITS[kind]
    assert not offences.brings_ban(kind, limit)
    assert offences.brings_ban(kind, limit + 1)


def test_each_ban_is_longer_until_a_day() -> None:
    assert [offences.ban_seconds(times) for times in (1, 2, 3, 4, 5, 6, 1000)] == [
        300, 1200, 4800, 19_200, 76_800, 86_400, 86_400,
    ]  # fmt: skip


def test_each_wrong_guess_makes_a_source_wait_longer_but_not_for_ever() -> None:
    waits = [offences.guess_wait_seconds(wrong) for wrong in range(1, 40)]
    assert waits[:4] == [2, 4, 8, 16]
    assert waits == sorted(waits)
    assert waits[-1] == offences.GUESSED_SECONDS


@pytest.mark.parametrize("count", [1, 10, 11, 16, 31, 1000, 70_000])
def test_the_journal_counts_offences_without_writing_each(count: int) -> None:
    noted = [offences.journalled(number) for number in range(1, count + 1)]
    assert sum(noted) <= count < 2 * sum(noted) + 1
    assert sum(1 for one in noted if one) <= 10 + count.bit_length()


def test_scanners_are_known_by_a_part_of_their_name() -> None:
    assert offences.is_scanner("friendly-scanner v0.3")
    assert offences.is_scanner("SIPVicious/1")
    assert not offences.is_scanner("Yealink SIP-T54W 96.86.0.100")
    assert not offences.is_scanner("")


def test_a_burst_is_served() -> None:
    queue = Queue()
    waits = [60.0, 40.0, 20.0, 8.0, 3.0, 0.1]
    assert [queue.standing_ms(wait, n * 0.003) for n, wait in enumerate(waits)] == [0.0] * 6


def test_a_queue_that_stands_is_told() -> None:
    queue = Queue()
    assert queue.standing_ms(12.0, 1.0) == 0.0
    assert queue.standing_ms(14.0, 1.0 + STANDING_SECONDS) == 14.0
    assert queue.standing_ms(1.0, 1.1) == 0.0
    assert queue.standing_ms(14.0, 1.2) == 0.0, "it was empty in between"


def test_known_senders_are_put_off_last() -> None:
    for waited, stranger, known in (
        (STRANGERS_MS, False, False),
        (STRANGERS_MS + 1, True, False),
        (ANYBODY_MS + 1, True, True),
    ):
        assert (is_put_off(waited, False), is_put_off(waited, True)) == (stranger, known)


def test_who_is_put_off_together_comes_back_apart() -> None:
    found = {retry_after_seconds(f"call-{number}") for number in range(500)}
    assert found == set(range(5, 21))


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::1", "::/64"),
    ],
)
def test_a_source_is_an_address_or_a_64(address: str, source: str) -> None:
    assert source_of(address) == source


def test_a_ban_is_read_back() -> None:
    ban = Ban("192.0.2.1", "scanner", 1000, 1300, 2, "network")
    assert Ban.read("192.0.2.1", ban.text()) == ban
    for text in ("", "1", "[]", '{"a": 1}', '["x","y","z",1,"q"]'):
        with pytest.raises(ValueError, match=r"."):
            Ban.read("192.0.2.1", text)


def test_bans_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "bans.json"
    assert read_bans(path, 0) == ([], {})
    old, new = Ban("192.0.2.1", "scanner", 1000, 1300), Ban("192.0.2.2", "malformed", 1100, 1400)
    write_bans(path, [old, new], {"192.0.2.1": 3})
    assert read_bans(path, 1200) == ([new, old], {"192.0.2.1": 3})
    assert read_bans(path, 1300) == ([new], {"192.0.2.1": 3})
    path.write_text('{"bans": [{"source": 1}], "banned_before": {}}')
    assert read_bans(path, 0) == ([], {})


def test_connections_are_counted_by_source() -> None:
    def row(local: str, remote: str, state: str = "01") -> str:
        return f"  0: {local} {remote} {state} 00000000:00000000 00:00000000 00000000 0 0 1"

    mine, other = "0100007F:13C4", "0101007F:13C4"
    one, two = "0600007F", "0700007F"
    six = "B80D0120000000000000000001000000"
    lines = itertools.chain(
        [row(mine, f"{one}:{port:04X}") for port in range(5)],
        [row("0100007F:20FB", f"{one}:{port:04X}") for port in range(5, 8)],
        [row(mine, f"{two}:{port:04X}") for port in range(3)],
        [row(other, f"{one}:{port:04X}") for port in range(9)],
        [row(mine, f"{one}:{port:04X}", "06") for port in range(9)],
        [row("00000000000000000000000001000000:13C5", f"{six}:{port:04X}") for port in range(4)],
    )
    assert count_connections("\n".join(lines), 3) == {"127.0.0.6": 8, "2001:db8::/64": 4}
