"""What the edge computes without Kamailio: media profiles, its signed parameter, the location document."""

from __future__ import annotations

import pytest

from kiestoon.edge.contact import elsewhere
from kiestoon.edge.media import (
    answer_flags,
    called_profile,
    codec,
    offer_flags,
    offered_profile,
    source_profile,
)
from kiestoon.edge.sockets import listen_lines, socket_towards
from kiestoon.edge.token import Signer, new_call_id

SIGNER = Signer(b"k" * 32)


def test_the_parameter_is_read_back_from_a_route_header() -> None:
    parameter = SIGNER.parameter("c-1", "r4s6", "abc@phone")
    route = f"<sip:127.0.0.1;r2=on;lr;ftag=x{parameter}>, <sip:127.0.0.1;lr>"
    assert SIGNER.read(route, "abc@phone") == ("c-1", "r4s6")


@pytest.mark.parametrize(
    ("route", "call_id"),
    [
        ("<sip:127.0.0.1;lr>", "abc@phone"),
        ("<sip:127.0.0.1;lr;k=c-1.r4s6.0000000000000000>", "abc@phone"),
        ("<sip:127.0.0.1;lr;k=c-1>", "abc@phone"),
        (f"<sip:127.0.0.1;lr{SIGNER.parameter('c-1', 'r4s6', 'abc@phone')}>", "other@phone"),
        (f"<sip:127.0.0.1;lr{Signer(b'x').parameter('c-1', 'r4s6', 'abc@phone')}>", "abc@phone"),
    ],
    ids=["none", "forged", "cut off", "another call's", "another key's"],
)
def test_a_parameter_that_is_not_ours_is_none(route: str, call_id: str) -> None:
    assert SIGNER.read(route, call_id) is None


def test_call_ids_are_unique() -> None:
    assert len({new_call_id() for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    ("uri", "hop", "srtp", "profile"),
    [
        ("sip:a@127.0.0.5:5060", "", "auto", "r4"),
        ("sip:a@127.0.0.5:5061;transport=tls", "", "auto", "s4"),
        ("sip:a@127.0.0.5:5061;transport=tls", "", "never", "r4"),
        ("sip:a@127.0.0.5:5060", "", "required", "s4"),
        ("sip:a@abc.invalid;transport=ws", "sip:127.0.0.5:40000;transport=ws", "never", "w4"),
        ("sip:a@[::1]:5060", "", "auto", "r6"),
        ("sip:a@abc.invalid;transport=ws", "sip:[::1]:40000;transport=ws", "auto", "w6"),
    ],
)
def test_what_is_offered_to_a_contact(uri: str, hop: str, srtp: str, profile: str) -> None:
    assert called_profile(uri, hop, srtp) == profile
    assert ("IP6" if profile[1] == "6" else "IP4") in offer_flags(profile)


@pytest.mark.parametrize(
    ("sdp", "profile"),
    [
        ("c=IN IP4 127.0.0.5\r\nm=audio 4000 RTP/AVP 8\r\n", "r4"),
        ("c=IN IP6 ::1\r\nm=audio 4000 RTP/SAVP 8\r\n", "s6"),
        ("c=IN IP4 127.0.0.5\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", "w4"),
    ],
)
def test_what_an_offer_speaks_is_answered_in_kind(sdp: str, profile: str) -> None:
    assert offered_profile(sdp) == profile
    transport = {"r": "RTP/AVP", "s": "RTP/SAVP", "w": "UDP/TLS/RTP/SAVPF"}[profile[0]]
    assert transport in answer_flags(profile)


@pytest.mark.parametrize(
    ("transport", "address", "profile"),
    [("UDP", "127.0.0.5", "r4"), ("tls", "::1", "s6"), ("wss", "127.0.0.5", "w4"), ("tcp", "::1", "r6")],
)
def test_a_caller_without_sdp_is_offered_what_its_transport_suggests(
    transport: str, address: str, profile: str
) -> None:
    assert source_profile(transport, address) == profile


@pytest.mark.parametrize(
    ("sdp", "name"),
    [
        ("m=audio 4000 RTP/AVP 8 101\r\n", "pcma"),
        ("m=audio 4000 RTP/AVP 111 8\r\na=rtpmap:111 opus/48000/2\r\n", "opus"),
        ("m=audio 4000 RTP/AVP 96\r\n", ""),
        ("m=video 4000 RTP/AVP 96\r\n", ""),
        ("", ""),
    ],
)
def test_codec_of_an_answer(sdp: str, name: str) -> None:
    assert codec(sdp) == name


@pytest.mark.parametrize(
    ("contact", "address", "port", "other"),
    [
        ("<sip:anna@127.0.0.5:6000>", "127.0.0.5", 6000, False),
        ("sip:anna@127.0.0.5", "127.0.0.5", 5060, False),
        ("<sip:anna@127.0.0.5;transport=tls>", "127.0.0.5", 5061, False),
        ("<sip:anna@127.0.0.5;transport=tls>", "127.0.0.5", 40000, True),
        ('"A" <sip:anna@10.0.0.5:5060>;q=1', "203.0.113.1", 5060, True),
        ("<sip:anna@[::1]:6000>", "::1", 6000, False),
        ("<sip:127.0.0.5:6000>", "127.0.0.5", 6001, True),
        ("<sip:anna@phone.invalid;transport=ws>", "127.0.0.5", 6001, True),
        ("<sip:anna@10.0.0.5:1;alias=1.2.3.4~5~1>", "1.2.3.4", 5, False),
        ("*", "127.0.0.5", 1, False),
        ("", "127.0.0.5", 1, False),
    ],
)
def test_a_contact_that_is_not_where_the_device_sends_from(
    contact: str, address: str, port: int, other: bool
) -> None:
    assert elsewhere(contact, address, port) is other


@pytest.mark.parametrize(
    ("uri", "socket"),
    [
        ("sip:127.0.1.1:5060", "udp:127.0.0.1:5060"),
        ("sip:127.0.1.1:5060;transport=tcp", "tcp:127.0.0.1:5060"),
        ("sip:127.0.1.1;transport=TLS;x=y", "tls:127.0.0.1:5061"),
        ("sips:[::1]:5061", "tls:[::1]:5061"),
        ("sip:[::1]:5070", "udp:[::1]:5060"),
    ],
)
def test_a_trunk_is_spoken_to_from_our_sip_port(uri: str, socket: str) -> None:
    assert socket_towards(uri) == socket
    assert f"listen={socket}\n" in listen_lines()


def test_srtp_without_encryption_is_never_offered() -> None:
    assert "SDES-no-NULL_HMAC_SHA1_80" in offer_flags("s4")
