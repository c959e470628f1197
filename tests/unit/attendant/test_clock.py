"""The clock of 20 ms and the player on it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from kiestoon.attendant.clock import PHASES, Clock
from kiestoon.attendant.player import NoPort, Player, Ports
from kiestoon.attendant.rtp import HEADER, event_of
from kiestoon.vocabulary.g711 import FRAME, SILENCE, TO_ULAW, decode, encode, frames
from tests.unit.attendant.clockwork import Clockwork

TWO_SECONDS = tuple(bytes([n % 250]) * FRAME for n in range(100))


class Heard:
    """Counts its ticks and when they came."""

    def __init__(self, loop: Clockwork) -> None:
        self._loop = loop
        self.at: list[tuple[float, int]] = []

    def tick(self, number: int) -> None:
        self.at.append((self._loop.now, number))


def test_every_talker_ticks_every_20_ms_in_four_phases() -> None:
    loop = Clockwork()
    clock = Clock(loop)
    talkers = [Heard(loop) for _ in range(40 * PHASES)]
    for talker in talkers:
        clock.join(talker)
    loop.run(1.05)
    for talker in talkers:
        assert 50 <= len(talker.at) <= 53
        gaps = [b[0] - a[0] for a, b in pairwise(talker.at)]
        assert max(gaps) == pytest.approx(0.020)
        assert min(gaps) == pytest.approx(0.020)
    instants: dict[float, int] = {}
    for talker in talkers:
        for at, _ in talker.at:
            instants[round(at, 4)] = instants.get(round(at, 4), 0) + 1
    assert max(instants.values()) <= 41, "no burst holds more than its share"


def test_a_few_talkers_share_one_wake_up() -> None:
    loop = Clockwork()
    clock = Clock(loop)
    talkers = [Heard(loop) for _ in range(5)]
    for talker in talkers:
        clock.join(talker)
    loop.run(1.0)
    assert len({at for talker in talkers for at, _ in talker.at}) <= 51


def test_the_clock_sleeps_when_nobody_talks_and_goes_on_in_time() -> None:
    loop = Clockwork()
    clock = Clock(loop)
    first = Heard(loop)
    phase = clock.join(first)
    loop.run(0.1)
    clock.leave(first, phase)
    loop.run(10.0)
    assert len(first.at) == 5
    second = Heard(loop)
    clock.join(second)
    loop.run(0.05)
    assert second.at[0][1] - first.at[-1][1] == pytest.approx((second.at[0][0] - first.at[-1][0]) / 0.02)


def test_a_long_pause_is_skipped_not_sent_in_one_burst() -> None:
    loop = Clockwork()
    clock = Clock(loop)
    talker = Heard(loop)
    clock.join(talker)
    loop.run(0.1)
    before = len(talker.at)
    loop.now += 0.5  # the process was stopped: timers due come late
    loop.run(0.001)
    assert len(talker.at) - before <= 2
    assert clock.skipped >= 20
    assert clock.latest > 0.4


@pytest.fixture
def peer() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(1)
        yield sock


def player_towards(
    peer: socket.socket, loop: Clockwork, payload_type: int = 8, events: int | None = 101
) -> Player:
    player = Player(Clock(loop), Ports("127.0.0.1", range(25100, 25200, 2)), loop)  # type: ignore[arg-type]
    player.connect(peer.getsockname(), payload_type, events)
    return player


def packets(peer: socket.socket) -> list[tuple[tuple[Any, ...], bytes]]:
    peer.setblocking(False)
    found: list[tuple[tuple[Any, ...], bytes]] = []
    while True:
        try:
            data = peer.recv(2048)
        except BlockingIOError:
            return found
        found.append((HEADER.unpack_from(data), data[12:]))


def test_a_prompt_arrives_whole_in_order_and_on_time(peer: socket.socket) -> None:
    loop = Clockwork()
    player, ended = player_towards(peer, loop), []
    player.on_end = lambda: ended.append(loop.now)
    player.play(TWO_SECONDS)
    loop.run(2.05)
    got = packets(peer)
    assert tuple(payload for _, payload in got) == TWO_SECONDS
    sequence = [head[2] for head, _ in got]
    stamps = [head[3] for head, _ in got]
    assert [(b - a) & 0xFFFF for a, b in pairwise(sequence)] == [1] * 99
    assert [(b - a) & 0xFFFFFFFF for a, b in pairwise(stamps)] == [160] * 99
    assert [head[1] >> 7 for head, _ in got] == [1] + [0] * 99, "the marker begins a talk spurt"
    assert len(ended) == 1
    player.close()


def test_one_prompt_follows_another_without_a_gap(peer: socket.socket) -> None:
    loop = Clockwork()
    player = player_towards(peer, loop)

    def next_prompt() -> None:
        player.on_end = lambda: None
        player.play(TWO_SECONDS[:10])

    player.on_end = next_prompt
    player.play(TWO_SECONDS[:5])
    loop.run(0.5)
    got = packets(peer)
    assert [payload for _, payload in got] == [*TWO_SECONDS[:5], *TWO_SECONDS[:10]]
    stamps = [head[3] for head, _ in got]
    assert stamps[-1] - stamps[0] in (14 * FRAME, 15 * FRAME)
    player.close()


def test_u_law_for_whoever_wants_it(peer: socket.socket) -> None:
    loop = Clockwork()
    player = player_towards(peer, loop, payload_type=0)
    player.play(TWO_SECONDS[:3])
    loop.run(0.1)
    assert [payload for _, payload in packets(peer)] == [one.translate(TO_ULAW) for one in TWO_SECONDS[:3]]
    player.close()


def test_on_hold_the_prompt_goes_on_unheard(peer: socket.socket) -> None:
    loop = Clockwork()
    player, ended = player_towards(peer, loop), []
    player.on_end = lambda: ended.append(1)
    player.muted = True
    player.play(TWO_SECONDS[:20])
    loop.run(0.5)
    assert (packets(peer), ended) == ([], [1])
    player.close()


def event(digit: int, stamp: int, *, end: bool = False, payload_type: int = 101) -> bytes:
    return HEADER.pack(0x80, payload_type, 1, stamp, 7) + bytes([digit, 0x80 if end else 10, 0, 160])


def test_a_digit_counts_once_at_its_first_packet_and_audio_never_wakes_us(peer: socket.socket) -> None:
    loop = Clockwork()
    player = player_towards(peer, loop)
    pressed: list[str] = []
    player.on_digit = pressed.append
    target = ("127.0.0.1", player.port)
    audio = HEADER.pack(0x80, 8, 1, 1, 7) + SILENCE * FRAME
    for data in (audio, event(1, 160), event(1, 160), event(1, 160, end=True), audio, event(1, 3200)):
        peer.sendto(data, target)
    [readable] = loop.readers.values()
    for _ in range(10):
        readable()
    assert pressed == ["1", "1"]
    player.close()


def test_what_another_address_sends_is_not_heard(peer: socket.socket) -> None:
    loop = Clockwork()
    player = player_towards(peer, loop)
    pressed: list[str] = []
    player.on_digit = pressed.append
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(event(1, 160), ("127.0.0.1", player.port))
    [readable] = loop.readers.values()
    readable()
    assert pressed == []
    player.close()


@pytest.mark.parametrize(
    ("packet", "digit"),
    [
        (event(11, 5), "#"),
        (event(16, 5), None),
        (event(1, 5, payload_type=96), None),
        (event(1, 5)[:15], None),
        (b"\x00" * 16, None),
        (HEADER.pack(0x82, 101, 1, 5, 7) + bytes(8) + bytes([3, 10, 0, 160]), "3"),
        (HEADER.pack(0x90, 101, 1, 5, 7) + b"\xbe\xde\x00\x01" + bytes(4) + bytes([4, 10, 0, 160]), "4"),
        (HEADER.pack(0x90, 101, 1, 5, 7) + b"\xbe\xde\xff\xff", None),
    ],
)
def test_telephone_events_of_every_form(packet: bytes, digit: str | None) -> None:
    found = event_of(packet, len(packet), 101)
    assert (found.digit if found else None) == digit


def test_ports_that_are_taken_are_passed_over_and_run_out() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 25300))
        ports = Ports("127.0.0.1", (25300, 25302))
        first = ports.open()
        assert first.getsockname()[1] == 25302
        with pytest.raises(NoPort):
            ports.open()
        ports.close(first)
        ports.close(ports.open())


def test_g711_keeps_speech() -> None:
    samples = [n * 37 % 60_000 - 30_000 for n in range(2000)]
    for was, now in zip(samples, decode(encode(samples)), strict=True):
        assert abs(was - now) <= max(16, abs(was) / 20)
    assert encode([0]) == SILENCE
    assert [len(one) for one in frames(b"x" * 200)] == [160, 160]
    assert encode([99_999]) == encode([32_767])
