"""What of the edge's log is written: places, not what strangers sent."""

from __future__ import annotations

from kiestoon.stack.edge_log import EACH_MINUTE, Filter

PARSER = " 3(77) ERROR: <core> [core/parser/parse_uri.c:1297]: parse_uri(): bad char in <sip:+32479987654@[>"


def lines(kept: Filter, *texts: str, now: float = 0.0) -> list[str]:
    return [shown for text in texts if (shown := kept.line(text, now)) is not None]


def test_a_quoted_header_leaves_the_place_only() -> None:
    assert lines(Filter(70), PARSER) == ["ERROR: <core> [core/parser/parse_uri.c:1297]: parse_uri()"]


def test_the_rest_of_a_quoted_message_is_gone() -> None:
    assert lines(Filter(70), PARSER, "From: Chloé <sip:+32479987654@x>", "")[1:] == []


def test_what_the_main_process_says_stays() -> None:
    said = " 0(70) ALERT: <core> [main.c:777]: handle_sigs(): child process 77 exited by a signal 11"
    assert lines(Filter(70), "Listening on 127.0.0.1", PARSER, said)[::2] == ["Listening on 127.0.0.1", said]


def test_nobody_speaks_for_the_main_process() -> None:
    kept = Filter(70)
    assert "479" not in str(lines(kept, PARSER, " 0(71) ERROR: <core> [main.c:1]: x(): +32479987654"))


def test_our_own_words_stay() -> None:
    ours = "request failed: ValueError in invite.py:123"
    said = f" 3(77) ERROR: <core> [core/kemi.c:88]: sr_kemi_core_err(): {ours}"
    assert lines(Filter(70), said) == [f"ERROR: {ours}"]


def test_our_words_with_a_number_in_them_lose_it() -> None:
    forged = " 3(77) ERROR: <core> [core/kemi.c:88]: sr_kemi_core_err(): call 32479987654"
    assert lines(Filter(70), forged) == ["ERROR: call …"]


def test_a_flood_of_one_kind_is_counted() -> None:
    kept = Filter(70)
    written = lines(kept, *[PARSER] * 2500)
    assert len(written) == EACH_MINUTE + 2
    assert written[-1].endswith("2000 times this minute")
    assert lines(kept, PARSER, now=61.0) == written[:1]
