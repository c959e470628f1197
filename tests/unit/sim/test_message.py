"""Messages, URIs and headers: read loosely, built canonically."""

from __future__ import annotations

import pytest

from tests.sim.sip.message import MalformedMessage, Request, Response, Via, parse, parts, response_to
from tests.sim.sip.uri import NameAddr, Uri, split_host_port, split_outside_quotes

INVITE = (
    b"INVITE sip:+32470123456;rn=C1234;npdi@127.0.1.1 SIP/2.0\r\n"
    b"v: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKa, SIP/2.0/TCP [::1]:5060;rport;branch=z9hG4bKb\r\n"
    b'f: "Anna, of \\"De Zon\\"" <sip:anna@demo.test>;tag=1\r\n'
    b"t: <sip:112@demo.test>\r\ni: abc\r\nCSeq: 7 INVITE\r\nMax-Forwards: 70\r\n"
    b"Subject: folded\r\n  twice\r\nm: <sip:anna@127.0.0.2>\r\nl: 4\r\n\r\nbody and more"
)


def test_reads_compact_forms_folding_and_content_length() -> None:
    message = parse(INVITE)
    assert isinstance(message, Request)
    assert message.headers.get("Subject") == "folded twice"
    assert message.call_id == "abc"
    assert message.body == b"body"
    assert [Via.parse(v).branch for v in message.headers.values("Via")] == ["z9hG4bKa", "z9hG4bKb"]
    assert message.from_.display == 'Anna, of "De Zon"'
    assert message.from_.tag == "1"
    assert message.cseq == (7, "INVITE")


def test_number_parameters_stand_in_the_user_part() -> None:
    uri = Uri.parse("sip:+32470123456;rn=C1234;npdi@127.0.1.1;user=phone")
    assert uri.number == "+32470123456"
    assert uri.number_parameters == {"rn": "C1234", "npdi": ""}
    assert uri.parameters == {"user": "phone"}


@pytest.mark.parametrize(
    "text",
    [
        "sip:anna@127.0.0.2:5070;transport=tcp",
        "sips:a@[::1]:5061",
        "sip:demo.test",
        "urn:service:sos",
        "tel:+3238080101;phone-context=x",
        "sip:a@b?Subject=x",
    ],
)
def test_a_uri_survives_being_read(text: str) -> None:
    assert str(Uri.parse(text)) == text


def test_name_addr_forms() -> None:
    assert NameAddr.parse("sip:a@b;tag=1").tag == "1"
    assert NameAddr.parse("<sip:a@b;lr>;tag=2").uri.parameters == {"lr": ""}
    assert NameAddr.parse("Anna Peeters <sip:a@b>").display == "Anna Peeters"
    assert str(NameAddr.parse('"A \\"B\\"" <sip:a@b>')) == '"A \\"B\\"" <sip:a@b>'


def test_splitting_respects_quotes_and_brackets() -> None:
    assert split_outside_quotes('"a,b" <sip:x,y@z>, <sip:c>', ",") == ['"a,b" <sip:x,y@z>', " <sip:c>"]
    assert split_host_port("[::1]:5060") == ("[::1]", 5060)
    assert split_host_port("127.0.0.1") == ("127.0.0.1", None)


def test_a_response_copies_what_it_must() -> None:
    request = parse(INVITE)
    assert isinstance(request, Request)
    response = parse(response_to(request, 180, tag="xyz").encode())
    assert isinstance(response, Response)
    assert response.code == 180
    assert response.to.tag == "xyz"
    assert len(response.headers.values("Via")) == 2
    assert response.headers.get("Content-Length") == "0"


def test_a_hundred_has_no_tag() -> None:
    request = parse(INVITE)
    assert isinstance(request, Request)
    assert not response_to(request, 100, tag="xyz").to.tag


def test_parts_of_a_multipart_body() -> None:
    request = Request(method="INVITE", uri="sip:112@x")
    body = (
        "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n"
        "--b\r\nContent-Type: application/pidf+xml\r\nContent-ID: <l@x>\r\n\r\n<presence/>\r\n--b--\r\n"
    )
    request.set_body('multipart/mixed;boundary="b"', body)
    found = parts(request)
    assert [part.content_type for part in found] == ["application/sdp", "application/pidf+xml"]
    assert found[1].headers.get("Content-ID") == "<l@x>"
    assert found[1].body == b"<presence/>"
    assert request.sdp == "v=0\r\n"


@pytest.mark.parametrize("data", [b"", b"\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"hello"])
def test_what_is_no_message(data: bytes) -> None:
    with pytest.raises(MalformedMessage):
        parse(data)
