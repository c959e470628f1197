"""Message bodies: SDP is found in any shape a phone sends, and nothing else of it goes to a centre."""

from __future__ import annotations

import email
import email.policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiestoon.edge.bodies import holds_sdp, multipart, split_sdp

SDP = "v=0\r\nm=audio 4000 RTP/AVP 8\r\n"
LOCATION = "Content-Type: application/pidf+xml\r\nContent-ID: <l@k>\r\n\r\n<presence/>"
FROM_PHONE = (
    "preamble\r\n--xx\r\nContent-Type: application/sdp\r\n\r\n" + SDP + "\r\n--xx\r\n"
    "Content-Type: application/pidf+xml\r\nContent-ID: <me@phone>\r\n\r\n<gps/>\r\n--xx--\r\nepilogue"
)
COMMENT = "application/emergencycalldata.comment+xml"
NESTED = (
    "--out\r\nContent-Type: multipart/related;boundary=xx\r\n\r\n" + FROM_PHONE + "\r\n"
    "--out\r\nContent-Type: application/EmergencyCallData.Comment+xml\r\n\r\n<c/>\r\n--out--"
)


def unix(text: str) -> str:
    return text.replace("\r\n", "\n")


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
    ("content_type", "body", "sdp", "others"),
    [
        ("application/sdp", SDP, SDP, []),
        ("Application/SDP ;x=y", SDP, SDP, []),
        ("", "", "", []),
        ("text/plain", "hello", "", ["text/plain"]),
        ("application/pidf+xml", "<gps/>", "", ["application/pidf+xml"]),
        ("multipart/mixed;boundary=xx", FROM_PHONE, SDP, ["application/pidf+xml"]),
        ('Multipart/Mixed; boundary="xx"', FROM_PHONE, SDP, ["application/pidf+xml"]),
        ("multipart/mixed;boundary=xx", unix(FROM_PHONE), unix(SDP), ["application/pidf+xml"]),
        ("multipart/mixed;boundary=out", NESTED, SDP, [COMMENT, "application/pidf+xml"]),
        ("multipart/mixed", FROM_PHONE, SDP, ["multipart/mixed"]),
        ("multipart/mixed;boundary=other", FROM_PHONE, SDP, []),
        ("multipart/mixed;boundary=xx", "--xx\r\n\r\nplain\r\n--xx--", "", ["text/plain"]),
        ("multipart/mixed;boundary=xx", "--xx", "", []),
    ],
)  # fmt: skip
def test_only_the_session_description_is_taken(
    content_type: str, body: str, sdp: str, others: list[str]
) -> None:
    found, dropped = split_sdp(content_type, body)
    assert (found.strip(), dropped) == (sdp.strip(), others)


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from(
        ["application/sdp", "multipart/mixed;boundary=xx", "multipart/mixed", "x", ";", "multipart/"]
    ),
    st.lists(
        st.sampled_from(
            ["--xx", "--xx--", "\r\n", "\n", "Content-Type: application/sdp", SDP, "<presence>", "v=0"]
        )
        | st.text(max_size=5)
    ).map("".join),
)
def test_no_body_of_a_device_breaks_the_call(content_type: str, body: str) -> None:
    sdp, others = split_sdp(content_type, body)
    assert sdp in body
    assert len(others) <= 5
    kind, text = multipart([f"Content-Type: application/sdp\r\n\r\n{sdp}", LOCATION])
    assert types(kind, text)[-1] == "application/pidf+xml"


def test_a_huge_location_of_a_device_is_soon_dropped() -> None:
    body = FROM_PHONE.replace("<gps/>", "<gps/>" * 10_000)
    assert split_sdp("multipart/mixed;boundary=xx", body) == (SDP, ["application/pidf+xml"])


def test_the_boundary_is_in_no_part() -> None:
    kind, text = multipart(["Content-Type: text/plain\r\n\r\n--kiestoon-emergency", LOCATION])
    assert types(kind, text) == ["text/plain", "application/pidf+xml"]


def types(content_type: str, body: str) -> list[str]:
    message = email.message_from_string(
        f"Content-Type: {content_type}\r\n\r\n{body}", policy=email.policy.SMTP
    )
    return [part.get_content_type() for part in message.iter_parts()]
