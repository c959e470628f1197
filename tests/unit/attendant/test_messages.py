"""SIP on a stream, session descriptions, and what the edge tells the attendant."""

from __future__ import annotations

import pytest

from kiestoon.attendant import sdp
from kiestoon.attendant.dialog import next_hop
from kiestoon.attendant.messages import (
    MAX_HEAD,
    Request,
    Stream,
    Unreadable,
    branch_of,
    encode,
    parse,
    response_to,
    tag_of,
    values,
)
from kiestoon.domain.routing.call import Announcement
from kiestoon.domain.routing.instruction import Instruction, NotAnInstruction, from_header, to_header

OPTIONS = (
    b"OPTIONS sip:attendant@127.0.0.1:5070 SIP/2.0\r\nv: SIP/2.0/TCP 127.0.0.1:5060 ;branch=z9hG4bKa\r\n"
    b'f: "A, <b>" <sip:a@b.test>;tag=1\r\nTo : <sip:b@b.test;tag=no>\r\nCall-ID: x\r\nCSeq: 7 OPTIONS\r\n'
    b"Subject: folded\r\n over lines\r\nl: 4\r\n\r\nbody"
)


def test_messages_are_cut_from_any_pieces() -> None:
    for size in (1, 7, 100, 10_000):
        stream, whole = Stream(), OPTIONS + b"\r\n\r\n" + OPTIONS
        found = [m for at in range(0, len(whole), size) for m in stream.feed(whole[at : at + size])]
        assert found == [OPTIONS, OPTIONS]


def test_a_stream_that_is_no_sip_is_given_up() -> None:
    with pytest.raises(Unreadable):
        list(Stream().feed(b"x" * (MAX_HEAD + 1)))
    with pytest.raises(Unreadable):
        list(Stream().feed(OPTIONS.replace(b"l: 4", b"l: 999999999")))


def test_compact_folded_and_spaced_headers_are_read() -> None:
    request = parse(OPTIONS)
    assert isinstance(request, Request)
    assert request.headers["Subject"] == "folded over lines"
    assert branch_of(request) == "z9hG4bKa"
    assert tag_of(request.headers["From"]) == "1"
    assert tag_of(request.headers["To"]) == "", "a parameter of the URI is no tag"
    response = response_to(request, 200, tag="t")
    assert parse(encode(response)).headers["To"] == "<sip:b@b.test;tag=no>;tag=t"
    assert next_hop(response) == ("127.0.0.1", 5060)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (b"CSeq: 7 OPTIONS", b"CSeq: 7 INVITE"),
        (b"CSeq: 7 OPTIONS\r\n", b""),
        (b"Call-ID: x\r\n", b""),
        (b"SIP/2.0\r\nv", b"HTTP/1.1\r\nv"),
        (b"Subject: folded", b"Subject"),
        (b"sip:attendant@127.0.0.1:5070", b"attendant"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_the_parser(was: bytes, now: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(OPTIONS.replace(was, now))


def test_several_values_on_one_line() -> None:
    request = parse(OPTIONS.replace(b"Subject: folded", b'Record-Route: <sip:a;lr>, "x, y" <sip:b;lr>;z=1'))
    assert values(request, "Record-Route") == ["<sip:a;lr>", '"x, y" <sip:b;lr>;z=1 over lines']


SDP = (
    "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 111 0 8 96\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:96 telephone-event/8000\r\n"
    "m=video 4002 RTP/AVP 97\r\na=rtpmap:97 VP8/90000\r\n"
)


def test_the_first_codec_we_have_is_taken_and_other_streams_refused() -> None:
    session = sdp.read(SDP)
    assert session
    assert (session.address, session.port, session.payload_type, session.event_type) == (
        "192.0.2.1", 4000, 0, 96,
    )  # fmt: skip
    answer = sdp.answer(session, "127.0.0.1", 26000, 5, 1)
    assert "m=audio 26000 RTP/AVP 0 96\r\na=rtpmap:0 PCMU/8000" in answer
    assert "m=video 0 RTP/AVP 97" in answer


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("RTP/AVP 111 0 8 96", "RTP/AVP 111 96"),
        ("m=audio 4000 RTP/AVP", "m=audio 4000 RTP/SAVP"),
        ("m=audio 4000", "m=audio 0"),
        ("c=IN IP4 192.0.2.1", "c=IN IP6 ::1"),
        ("m=audio", "m=text"),
    ],
)
def test_what_we_cannot_talk_to(was: str, now: str) -> None:
    assert sdp.read(SDP.replace(was, now)) is None


@pytest.mark.parametrize(
    ("said", "answered", "held"),
    [("sendrecv", "sendrecv", False), ("sendonly", "recvonly", True), ("recvonly", "sendonly", False),
     ("inactive", "inactive", True)],
)  # fmt: skip
def test_directions(said: str, answered: str, held: bool) -> None:
    session = sdp.read(SDP.replace("t=0 0\r\n", f"t=0 0\r\na={said}\r\n"))
    assert session
    assert session.is_held is held
    assert f"a={answered}\r\n" in sdp.answer(session, "127.0.0.1", 26000, 5, 1)


def test_a_description_beside_another_part() -> None:
    other = "--b\r\nContent-Type: application/pidf+xml\r\n\r\n<x/>\r\n"
    body = f"{other}--b\r\nContent-Type: application/sdp\r\n\r\n{SDP}--b--"
    found = sdp.of_body('multipart/mixed; boundary="b"', body.encode())
    session = sdp.read(found)
    assert session
    assert session.port == 4000
    assert sdp.of_body("application/pidf+xml", b"<x/>") == ""


def test_the_instruction_arrives_as_it_was_sent() -> None:
    said = Announcement("address-read-back", "de", early=False, text_file="prompts/address/a&b=c.alaw")
    sent = Instruction(said, "1a-2b-3c", "ünal\r\nVia: x", 404, "Not = Found & more")
    header = to_header(sent)
    assert header.isascii()
    assert "\r" not in header
    assert "\n" not in header
    assert from_header(header) == sent


@pytest.mark.parametrize("broken", ["", "name=x", "language=nl", "code=200", "code=abc", "language=it"])
def test_an_instruction_that_says_nothing_possible(broken: str) -> None:
    whole = to_header(Instruction(Announcement("x", "nl"), "c"))
    name, _, value = broken.partition("=")
    parts = dict(part.split("=") for part in whole.split("&"))
    if broken in ("", "name=x", "language=nl"):
        header = broken
    else:
        header = "&".join(f"{k}={v}" for k, v in {**parts, name: value}.items())
    with pytest.raises(NotAnInstruction):
        from_header(header)
