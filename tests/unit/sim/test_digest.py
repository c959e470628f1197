"""Digest answers against RFC 2617 section 3.5."""

from __future__ import annotations

from tests.sim.sip.digest import Credentials, digest_response, parse_challenge

NONCE = "dcd98b7102dd2f0e8b11d0f600bfb0c093"


def test_the_example_of_rfc_2617() -> None:
    answer = digest_response(
        "Mufasa",
        "testrealm@host.com",
        "Circle Of Life",
        "GET",
        "/dir/index.html",
        NONCE,
        qop="auth",
        nc="00000001",
        cnonce="0a4f113b",
    )
    assert answer == "6629fae49393a05397450978507c4ef1"


def test_without_qop_as_in_rfc_2069() -> None:
    answer = digest_response(
        "Mufasa", "testrealm@host.com", "Circle Of Life", "GET", "/dir/index.html", NONCE
    )
    assert answer == "670fd8c2df070c60b045671b8b24ff02"


def test_the_count_grows_with_each_use_of_a_nonce() -> None:
    credentials = Credentials("anna", "secret")
    challenge = f'Digest realm="demo, test", nonce="{NONCE}", qop="auth,auth-int", opaque="x"'
    first = parse_challenge(credentials.answer(challenge, "INVITE", "sip:a@b"))
    second = parse_challenge(credentials.answer(challenge, "INVITE", "sip:a@b"))
    assert (first["nc"], second["nc"]) == ("00000001", "00000002")
    assert first["realm"] == "demo, test"
    assert first["opaque"] == "x"
    other = parse_challenge(credentials.answer(challenge.replace("dcd", "abc"), "INVITE", "sip:a@b"))
    assert other["nc"] == "00000001"
