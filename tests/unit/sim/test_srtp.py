"""SRTP against the vectors of RFC 3711 appendix B."""

from __future__ import annotations

from tests.sim.media.rtp import RtpPacket, parse_report, sender_report
from tests.sim.media.srtp import Srtp, crypto_attribute, derive, key_of, keystream, new_key

MASTER = bytes.fromhex("E1F97A0D3E018BE0D64FA32C06DE41390EC675AD498AFEEBB6960B3AABE6")


def test_key_derivation_b3() -> None:
    assert derive(MASTER, 0, 16).hex().upper() == "C61E7A93744F39EE10734AFE3FF7A087"
    assert derive(MASTER, 2, 14).hex().upper() == "30CBBC08863D8C85D49DB34A9AE1"
    assert derive(MASTER, 1, 32).hex().upper() == (
        "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCE"
    )


def test_aes_counter_mode_b2() -> None:
    key = bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3C")
    iv = int("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000", 16)
    assert keystream(key, iv, 48).hex().upper() == (
        "E03EAD0935C95E80E166B16DD92B4EB4D23513162B02D0F72A43A2FE4A5F97AB41E95B3BB0A2E8DD477901E4FCA894C0"
    )


def packet(sequence: int) -> bytes:
    return RtpPacket(8, sequence & 0xFFFF, sequence * 160 & 0xFFFFFFFF, 99, b"audio" * 32).encode()


def test_what_is_protected_can_be_opened_over_the_wrap() -> None:
    sender, receiver = Srtp(MASTER), Srtp(MASTER)
    for sequence in range(65500, 65600):
        clear = packet(sequence)
        sealed = sender.protect(clear)
        assert len(sealed) == len(clear) + 10
        assert sealed[12:-10] != clear[12:]
        assert receiver.unprotect(sealed) == clear


def test_a_changed_packet_and_another_key_are_refused() -> None:
    sealed = Srtp(MASTER).protect(packet(1))
    assert Srtp(MASTER).unprotect(sealed[:-1] + bytes((sealed[-1] ^ 1,))) is None
    assert Srtp(new_key()).unprotect(sealed) is None
    assert Srtp(MASTER).unprotect(b"short") is None


def test_rtcp() -> None:
    report = sender_report(7, 160, 3, 480, [])
    sealed = Srtp(MASTER).protect_rtcp(report)
    opened = Srtp(MASTER).unprotect_rtcp(sealed)
    assert opened == report
    assert parse_report(opened)[0][0] == 7
    assert Srtp(new_key()).unprotect_rtcp(sealed) is None


def test_keys_in_sdp() -> None:
    assert key_of([f"{crypto_attribute(MASTER, 3)}|2^31"]) == (3, MASTER)
    assert key_of(["1 AES_256_CM_HMAC_SHA1_80 inline:abcd"]) is None
