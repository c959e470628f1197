"""A hidden caller's name is covered and can be uncovered by the edge alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiestoon.edge.cover import Cover, contact_change, contact_user, without_names

COVER = Cover(b"k" * 32)


@given(st.text(min_size=1, max_size=200), st.text(max_size=20))
def test_a_cover_is_taken_off_again(user: str, call_id: str) -> None:
    covered = COVER.cover(user, call_id)
    assert COVER.uncover(covered, call_id) == user
    assert re.fullmatch(r"h-[0-9a-f]+", covered)


def test_calls_and_keys_have_covers_of_their_own() -> None:
    covered = COVER.cover("anna", "call-1")
    assert covered != COVER.cover("anna", "call-2")
    assert COVER.uncover(covered, "call-2") is None
    assert Cover(b"other").uncover(covered, "call-1") is None


@pytest.mark.parametrize("user", ["anna", "h-", "h-zz", "h-00", "", "h-0011223344"])
def test_what_is_no_cover_stays(user: str) -> None:
    assert COVER.uncover(user, "call-1") is None


@pytest.mark.parametrize(
    ("contact", "user", "changed"),
    [
        ("<sip:anna@127.0.0.5:6000>", "anna", "Contact: <sip:X@127.0.0.5:6000>"),
        ("sip:anna@127.0.0.5", "anna", "Contact: sip:X@127.0.0.5"),
        ('"Anna @ home" <sip:+3238080101@h>;q=1', "+3238080101", "Contact: <sip:X@h>;q=1"),
        ("<SIPS:a.n-n+a@h;transport=tls>", "a.n-n+a", "Contact: <SIPS:X@h;transport=tls>"),
    ],
)
def test_the_contact_header_keeps_all_but_the_user(contact: str, user: str, changed: str) -> None:
    assert contact_user(contact) == user
    pattern, replacement = contact_change(contact, "X")
    for name in ("Contact", "m", "CONTACT "):
        message = f"To: <sip:anna@h>\r\n{name}: {contact}\r\nCSeq: 1 INVITE\r\n"
        done = re.sub(pattern, replacement, message, count=1, flags=re.IGNORECASE | re.MULTILINE)
        assert done == f"To: <sip:anna@h>\r\n{changed}\r\nCSeq: 1 INVITE\r\n"


@pytest.mark.parametrize("contact", ["<sip:127.0.0.5:6000>", "*", "", "garbage"])
def test_a_contact_without_user_shows_nobody(contact: str) -> None:
    assert contact_user(contact) == ""


def test_sdp_loses_what_names_its_sender_and_nothing_else() -> None:
    media = "c=IN IP4 127.0.0.5\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
    names = "s=Anna's call\r\ni=Anna\r\nu=http://a\r\ne=a@b\r\np=+32 3\r\n"
    sdp = f"v=0\r\no=anna 1 1 IN IP4 127.0.0.5\r\n{names}{media}"
    assert without_names(sdp) == f"v=0\r\no=- 1 1 IN IP4 127.0.0.5\r\ns=-\r\n{media}"
    assert without_names(without_names(sdp)) == without_names(sdp)
