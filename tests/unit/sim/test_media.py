"""G.711, tones, RTP counting, telephone events and RTCP."""

from __future__ import annotations

import random
import struct

import pytest

from tests.sim.media.g711 import ALAW, SILENCE, TO_ALAW, TO_ULAW, decode, encode
from tests.sim.media.rtp import (
    Reception,
    RtpPacket,
    event_digit,
    event_payload,
    parse_report,
    parse_rtp,
    sender_report,
)
from tests.sim.media.tone import pitch, share, tone_frames


def heard(frequency: int, frames: int = 5, start: int = 3) -> list[int]:
    return decode(b"".join(tone_frames(frequency)[start : start + frames]))


def test_alaw_is_its_own_inverse() -> None:
    assert list(encode(ALAW)) == list(range(256))


def test_ulaw_and_back_stays_near() -> None:
    tone = b"".join(tone_frames(440)[:5])
    there_and_back = decode(tone.translate(TO_ULAW).translate(TO_ALAW))
    assert share(there_and_back, 440) > 0.99


@pytest.mark.parametrize("frequency", [350, 440, 660, 880, 1000, 1200, 2000])
def test_a_tone_is_heard_and_others_are_not(frequency: int) -> None:
    samples = heard(frequency)
    assert share(samples, frequency) > 0.95
    assert pitch(samples) == frequency
    for other in (frequency - 60, frequency + 60):
        assert share(samples, other) < 0.4


def test_silence_and_noise_are_no_tone() -> None:
    rng = random.Random(2)
    noise = [rng.randrange(-8000, 8000) for _ in range(800)]
    assert pitch(decode(SILENCE * 800)) is None
    assert pitch(noise) is None
    assert share(noise, 440) < 0.2
    assert share(decode(SILENCE * 800), 440) == 0.0


def test_two_tones_at_once_are_not_one() -> None:
    mixed = [(a + b) // 2 for a, b in zip(heard(440), heard(1000), strict=True)]
    assert pitch(mixed) is None
    assert 0.4 < share(mixed, 440) < 0.6


def test_packets_survive_the_wire() -> None:
    packet = RtpPacket(8, 65535, 2**32 - 1, 7, b"audio", marker=True)
    assert parse_rtp(packet.encode()) == packet
    assert parse_rtp(b"\x80\xc8" + bytes(26)) is None  # RTCP
    assert parse_rtp(b"short") is None


def test_header_extension_and_padding_are_left_out() -> None:
    head = struct.pack("!BBHII", 0xB1, 8, 1, 2, 3) + bytes(4) + struct.pack("!HH", 0xBEDE, 1) + bytes(4)
    packet = parse_rtp(head + b"audio\0\0\3")
    assert packet is not None
    assert packet.payload == b"audio"


def test_losses_are_counted_over_the_wrap() -> None:
    reception = Reception(1, 65530, 65530)
    for n in range(20):
        if n % 5 != 4:
            reception.add(RtpPacket(8, (65530 + n) & 0xFFFF, 160 * n, 1, b""), n * 0.02)
    reception.add(RtpPacket(8, (65530 + 20) & 0xFFFF, 3200, 1, b""), 0.4)
    assert (reception.expected, reception.received, reception.lost) == (21, 17, 4)


def test_reordering_is_no_loss() -> None:
    reception = Reception(1, 10, 10)
    for sequence in (10, 12, 11, 13):
        reception.add(RtpPacket(8, sequence, 160 * sequence, 1, b""), sequence * 0.02)
    assert reception.lost == 0


def test_events() -> None:
    payload = event_payload("#", 480, True)
    assert payload == bytes((11, 0x8A, 0x01, 0xE0))
    assert event_digit(payload) == "#"
    assert event_digit(b"\x40\0\0\0") is None


def test_reports() -> None:
    reception = Reception(0xABC, 0, 0)
    for n in (0, 1, 3):
        reception.add(RtpPacket(8, n, 160 * n, 0xABC, b""), n * 0.02)
    report = sender_report(7, 160, 3, 480, [reception.block(1.0)])
    [(sender, middle, blocks)] = parse_report(report)
    assert sender == 7
    assert middle
    assert blocks == [(0xABC, 0.25, 1)]
