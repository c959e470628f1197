"""Message bodies: SDP is found in any shape a phone sends, and the location joins what is there."""

from __future__ import annotations

import email
import email.policy

import pytest

from kiestoon.edge.bodies import holds_sdp, with_part

SDP = "v=0\r\nm=audio 4000 RTP/AVP 8\r\n"
LOCATION = "Content-Type: application/pidf+xml\r\nContent-ID: <l@k>\r\n\r\n<presence/>"
FROM_PHONE = (
    "preamble\r\n--xx\r\nContent-Type: application/sdp\r\n\r\n" + SDP + "\r\n--xx\r\n"
    "Content-Type: application/pidf+xml\r\nContent-ID: <me@phone>\r\n\r\n<gps/>\r\n--xx--\r\nepilogue"
)


def types(content_type: str, body: str) -> list[str]:
    message = email.message_from_string(
        f"Content-Type: {content_type}\r\n\r\n{body}", policy=email.policy.SMTP
    )
    return [part.get_content_type() for part in message.iter_parts()]


@pytest.mark.parametrize(
    ("content_type", "body", "there"),
    [
        ("application/sdp", SDP, True),
        ("application/sdp", "", False),
        ("", "", False),
        ("text/plain", "hello", False),
        ('multipart/mixed;boundary="xx"', FROM_PHONE, True),
        ("multipart/mixed;boundary=x", LOCATION, False),
    ],
)
def test_sdp_is_there_or_not(content_type: str, body: str, there: bool) -> None:
    assert holds_sdp(content_type, body) is there


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("application/sdp", SDP, ["application/sdp", "application/pidf+xml"]),
        ("", "", ["application/pidf+xml"]),
        ("text/plain", "hello", ["text/plain", "application/pidf+xml"]),
        (
            "multipart/mixed;boundary=xx",
            FROM_PHONE,
            ["application/sdp", "application/pidf+xml", "application/pidf+xml"],
        ),
        (
            'Multipart/Mixed; boundary="xx"',
            FROM_PHONE,
            ["application/sdp", "application/pidf+xml", "application/pidf+xml"],
        ),
        ("multipart/mixed", "no boundary", ["multipart/mixed", "application/pidf+xml"]),
    ],
    ids=["sdp", "no body", "text", "the phone's own parts", "quoted boundary", "broken multipart"],
)
def test_the_location_is_one_more_part(content_type: str, body: str, expected: list[str]) -> None:
    assert types(*with_part(content_type, body, LOCATION)) == expected


def test_the_boundary_is_in_no_part_and_a_nul_does_not_stay() -> None:
    content_type, body = with_part("text/plain", "--kiestoon-emergency--\0", LOCATION)
    assert types(content_type, body) == ["text/plain", "application/pidf+xml"]
    assert "\0" not in body
