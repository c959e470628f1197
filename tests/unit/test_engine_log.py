"""What engines print becomes lines of ours, without what they quote."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kiestoon.stack.engine_log import EACH_MINUTE, MOST_A_SECOND, Copier, kamailio, postgres, rtpengine

SECRET = "32470987654"
NAME = "Quetzalcoatl"


def row(text: str | None) -> dict[str, Any]:
    assert text is not None
    assert SECRET not in text
    assert NAME not in text
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.mark.parametrize(
    "message",
    [
        f"bad header <sip:+{SECRET}@host>",
        f"error on: {NAME} {SECRET}",
        f'cannot parse "{NAME}"',
        f"no such user +{SECRET}",
        f"value={NAME}",
        f"user {SECRET}@example.com",
    ],
)
def test_a_sip_worker_of_kamailio_quotes_nobody(message: str) -> None:
    text = f" 3(1234) ERROR: <core> [core/parser/parse_from.c:81]: parse_from_header(): {message}"
    found = row(kamailio(text))
    assert (found["level"], found["event"]) == ("error", "kamailio")
    assert found["place"] == "core/parser/parse_from.c:81 parse_from_header"


def test_what_kamailio_says_about_its_configuration_is_kept() -> None:
    text = (
        " 0(77) CRITICAL: <core> [core/cfg.y:3533]: yyerror_at(): parse error in config file, line 71: syntax"
    )
    assert row(kamailio(text))["text"] == "parse error in config file, line 71: syntax"


def test_the_rest_of_a_quoted_message_is_left_out() -> None:
    assert kamailio(f"From: {NAME} <sip:+{SECRET}@host>") is None


def test_a_line_of_the_edges_script_comes_through_as_it_is() -> None:
    ours = (
        '{"time":"2026-11-24T12:00:00.000Z","level":"error","process":"edge","event":"step-failed",'
        '"call_id":"c1","sip_call_id":"s1","step":"reply"}'
    )
    assert kamailio(f" 5(99) ERROR: app_python3 [python_mod.c:1]: ksr(): {ours}") == ours


def test_a_sender_cannot_write_lines_of_the_edges_script() -> None:
    forged = '{"time":"x","level":"loud","process":"edge","event":"' + NAME + '"}'
    row(kamailio(f" 5(99) ERROR: <core> [core/x.c:1]: f(): {forged}"))


def test_rtpengine_keeps_the_sip_call_id() -> None:
    found = row(rtpengine(f"[1764000000.1] ERR: [abc-1@host port 30000]: cannot open +{SECRET}"))
    assert (found["sip_call_id"], found["level"]) == ("abc-1@host", "error")


def test_postgresql() -> None:
    found = row(postgres(f"2026-11-24 11:36:03.400 UTC [12297] LOG:  started {SECRET}"))
    assert (found["level"], found["text"]) == ("info", "started …")
    assert postgres(f"\tDETAIL: Key (e164)=(+{SECRET})") is None


def test_a_flood_of_lines_is_counted_and_does_not_hold_up_the_engine() -> None:
    written: list[str] = []
    copier = Copier("edge", written.append)
    one = f" 3(9) ERROR: <core> [core/x.c:1]: f(): bad <{SECRET}>\n".encode()
    copier.take(one * 50_000, 1)
    assert len(written) == EACH_MINUTE
    copier.take(one, 61)
    told = [json.loads(text) for text in written[EACH_MINUTE:]]
    assert [(row["event"], row.get("count")) for row in told] == [
        ("lines-left-out", 50_000 - EACH_MINUTE),
        ("kamailio", None),
    ]


def test_a_flood_of_different_lines_is_counted_too() -> None:
    written: list[str] = []
    copier = Copier("edge", written.append)
    copier.take(b"".join(b" 3(9) ERROR: <core> [core/x.c:%d]: f(): bad\n" % n for n in range(1000)), 1)
    assert len(written) == MOST_A_SECOND


def test_a_line_may_come_in_parts() -> None:
    written: list[str] = []
    copier = Copier("postgres", written.append)
    for part in (b"2026-11-24 11:36:03.400 UTC [1] LO", b"G:  ready", b"\n"):
        copier.take(part, 1)
    assert [json.loads(text)["text"] for text in written] == ["ready"]
