"""Each breach of a standard is found, and a clean message has none."""

from __future__ import annotations

import pytest

from tests.sim.sip.check import (
    answer_violations,
    cancel_violations,
    sdp_violations,
    version_violations,
    violations,
)
from tests.sim.sip.message import Request, parse
from tests.sim.sip.sdp import LocalSession, parse_sdp

CLEAN = (
    "INVITE sip:a@127.0.0.1 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.0.0.2:5060;branch=z9hG4bK1\r\n"
    "Max-Forwards: 70\r\n"
    "From: <sip:b@x>;tag=1\r\n"
    "To: <sip:a@x>\r\n"
    "Call-ID: c@x\r\n"
    "CSeq: 1 INVITE\r\n"
    "Contact: <sip:b@127.0.0.2>\r\n"
    "Content-Length: 0\r\n\r\n"
)
OFFER = LocalSession("127.0.0.2", 4000, 1).offer()


def found(text: str, protocol: str = "UDP") -> list[str]:
    data = text.encode()
    return violations(parse(data), data, protocol)


def test_a_clean_request() -> None:
    assert found(CLEAN) == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("Max-Forwards: 70\r\n", "", "8.1.1.6"),
        (";tag=1", "", "8.1.1.3"),
        ("z9hG4bK1", "abc", "8.1.1.7"),
        ("CSeq: 1 INVITE", "CSeq: 1 BYE", "8.1.1.5"),
        ("CSeq: 1 INVITE", "CSeq: 4294967296 INVITE", "8.1.1.5"),
        ("Contact: <sip:b@127.0.0.2>\r\n", "", "8.1.1.8"),
        ("Content-Length: 0", "Content-Length: 5", "20.14"),
        ("Call-ID: c@x\r\n", "", "8.1.1: no Call-ID"),
        ("Call-ID: c@x\r\n", "Call-ID: c@x\r\nCall-ID: d@x\r\n", "7.3.1"),
        ("SIP/2.0/UDP", "SIP/2.0/TCP", "18.1.1"),
        ("Contact:", "Record-Route: <sip:p>\r\nContact:", "16.6"),
        ("Contact:", "Session-Expires: 60\r\nContact:", "RFC 4028"),
        ("Contact:", "Privacy: nobody\r\nContact:", "RFC 3323"),
        ("Contact:", "Diversion: sip:a@b\r\nContact:", "RFC 5806"),
        ("Contact:", "P-Asserted-Identity: <sip:a@b>, <sip:c@d>\r\nContact:", "RFC 3325"),
        ("From: <", "From: Anna, Zon <", "display name"),
    ],
)
def test_a_breach_is_found(old: str, new: str, rule: str) -> None:
    assert old in CLEAN
    assert any(rule in what for what in found(CLEAN.replace(old, new, 1)))


def test_content_length_is_needed_over_a_stream_only() -> None:
    bare = CLEAN.replace("Content-Length: 0\r\n", "")
    assert found(bare) == []
    assert any("18.3" in what for what in found(bare.replace("/UDP", "/TCP"), "TCP"))


def test_responses() -> None:
    ok = CLEAN.replace("INVITE sip:a@127.0.0.1 SIP/2.0", "SIP/2.0 200 OK").replace("a@x>", "a@x>;tag=2")
    assert found(ok) == []
    assert any("12.1.1" in what for what in found(ok.replace("Contact: <sip:b@127.0.0.2>\r\n", "")))
    assert any("8.2.6.2" in what for what in found(ok.replace(";tag=2", "")))
    assert any("RFC 4028 9" in w for w in found(ok.replace("Contact:", "Session-Expires: 1800\r\nContact:")))
    reliable = ok.replace("200 OK", "183 Progress").replace("Contact:", "Require: 100rel\r\nContact:")
    assert any("RFC 3262" in what for what in found(reliable))


def test_a_cancel_is_its_invite() -> None:
    invite = parse(CLEAN.encode())
    cancel = parse(CLEAN.replace("INVITE", "CANCEL").encode())
    assert isinstance(invite, Request)
    assert isinstance(cancel, Request)
    assert cancel_violations(cancel, invite) == []
    cancel.uri = "sip:other@127.0.0.1"
    assert cancel_violations(cancel, invite)


def test_clean_sdp() -> None:
    assert sdp_violations(OFFER) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("v=0", "v=1"),
        ("o=- 1 1 IN IP4 127.0.0.2", "o=- 1 IN IP4 127.0.0.2"),
        ("o=- 1 1 IN IP4", "o=- 1 1 IN IP6"),
        ("s=-\r\n", ""),
        ("t=0 0\r\n", ""),
        ("c=IN IP4 127.0.0.2\r\n", ""),
        ("RTP/AVP", "RTP/XYZ"),
        ("a=rtpmap:101 telephone-event/8000\r\n", ""),
        ("a=sendrecv", "a=sendonly\r\na=sendrecv"),
    ],
)
def test_broken_sdp(old: str, new: str) -> None:
    assert old in OFFER
    assert sdp_violations(OFFER.replace(old, new, 1))


def test_answers_and_versions() -> None:
    session = LocalSession("127.0.0.3", 5000, 9)
    answer = session.answer(parse_sdp(OFFER))
    assert answer is not None
    assert answer_violations(OFFER, answer) == []
    assert answer_violations(OFFER, answer.replace("RTP/AVP 8", "RTP/AVP 9"))
    assert answer_violations(OFFER.replace("sendrecv", "sendonly"), answer)
    held = session.answer(parse_sdp(OFFER.replace("sendrecv", "sendonly")))
    assert held is not None
    assert "a=recvonly" in held
    assert version_violations(answer, held) == []
    assert version_violations(answer, answer) == []
    assert version_violations(answer, answer.replace("recv", "only"))
    assert version_violations(answer, held.replace("o=- 9", "o=- 8"))


def test_no_common_codec_or_profile_is_no_answer() -> None:
    session = LocalSession("127.0.0.3", 5000, 9)
    assert session.answer(parse_sdp(OFFER.replace("RTP/AVP 8 0 101", "RTP/AVP 18"))) is None
    assert session.answer(parse_sdp(OFFER.replace("RTP/AVP", "RTP/SAVP"))) is None
