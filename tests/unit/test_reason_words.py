"""Whatever a decision can give as its reason has words in the reader's language: read from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import kiestoon.domain.emergency as emergency
import kiestoon.domain.routing as routing
from kiestoon.duties import nomadic_emergency_calls, spoofed_numbers
from kiestoon.duties.nomadic_emergency_calls import NomadicCall
from kiestoon.portal.pages.reason_words import RESULTS, STEPS, reason_in_words, why_in_words
from kiestoon.portal.phones.models import CallType, Forwarding

SAMPLE = "X1"
NO_RESULTS = {"route", "emergency-route", "emergency-test"}
"""Their result is a trunk's name."""


def _sources() -> Iterator[ast.AST]:
    for package in (routing, emergency):
        for path in sorted(Path(str(package.__file__)).parent.glob("*.py")):
            yield ast.parse(path.read_text())


def _texts(node: ast.expr) -> Iterator[str]:
    """The texts an expression can be, what is not known of an f-string as SAMPLE."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        parts = [str(part.value) if isinstance(part, ast.Constant) else SAMPLE for part in node.values]
        yield "".join(parts)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def _reasons() -> Iterator[tuple[list[str], list[str], list[str]]]:
    """(steps, results, whys) of every place that gives a reason; [] where it is a variable."""
    for tree in _sources():
        known: dict[str, list[str]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                known.setdefault(node.targets[0].id, []).extend(_texts(node.value))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")

            def said(one: ast.expr, known: dict[str, list[str]] = known) -> list[str]:
                return known.get(one.id, []) if isinstance(one, ast.Name) else list(_texts(one))

            if name == "add" and len(node.args) >= 3:
                yield said(node.args[0]), said(node.args[1]), said(node.args[2])
            elif name in ("Refused", "_refused") and len(node.args) >= 4:
                yield said(node.args[0]), ["refused"], said(node.args[3])
            elif name in ("Located", "_at") and len(node.args) == 3:
                yield (
                    ["emergency-location"],
                    said(node.args[0] if name == "Located" else node.args[1]),
                    said(node.args[2]),
                )
            elif name == "Paths" and len(node.args) == 3:
                yield ["emergency-route"], [], said(node.args[2])
            elif name == "_ignored" and node.args:
                yield ["forwarding"], ["ignored"], said(node.args[0])


REASONS = list(_reasons())


def test_the_reader_of_the_source_finds_the_reasons() -> None:
    steps = {step for steps, _, _ in REASONS for step in steps}
    assert {"caller", "cli-guard", "barring", "anonymous", "block-list", "ported-number"} <= steps
    assert len({why for _, _, whys in REASONS for why in whys}) > 40


def test_every_step_has_words() -> None:
    assert {step for steps, _, _ in REASONS for step in steps} - set(STEPS) == set()


def test_every_result_has_words() -> None:
    results = {result for steps, results, _ in REASONS for result in results if not set(steps) & NO_RESULTS}
    results |= set(CallType.values) | set(Forwarding.Condition.values) | {"on-site", "remote"}
    results |= {"pass", "pass-without-number", "block"}
    assert results - set(RESULTS) == set()


def test_every_reason_has_words() -> None:
    whys = {why for _, _, whys in REASONS for why in whys if why.strip(SAMPLE)}
    whys -= {f"{SAMPLE}: {SAMPLE}"}  # a duty's verdict: below
    assert {why for why in whys if not why_in_words(why)[1]} == set()


def test_every_verdict_of_the_duty_has_words() -> None:
    tree = ast.parse(Path(str(spoofed_numbers.__file__)).read_text())
    verdicts = [
        [str(part.value) for part in node.args if isinstance(part, ast.Constant)]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Verdict"
    ]
    assert len(verdicts) > 12
    for action, article, why in verdicts:
        words = reason_in_words({"step": "spoofed-number", "result": action, "why": f"{article}: {why}"})
        assert (words.article, words.translated) == (article, True), why


def test_every_verdict_on_nomadic_emergency_calls_has_words() -> None:
    for policy, document in (("route", ""), ("announce", ""), ("announce", "decision 12")):
        for call in (
            NomadicCall(nomadic, known, state)
            for nomadic in (True, False)
            for known in (True, False)
            for state in ("unknown", "confirmed")
        ):
            verdict = nomadic_emergency_calls.judge(call, policy, document)  # type: ignore[arg-type]
            why = f"{verdict.article}: {verdict.why}"
            words = reason_in_words({"step": "nomadic-place", "result": verdict.action, "why": why})
            assert (words.article, words.translated) == (verdict.article, True), why
            assert {"nomadic-place"} <= set(STEPS)
            assert {"route", "announce"} <= set(RESULTS)


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("user anna of customer 7", "User anna of customer 7."),
        ("national carrier (national interface)", "national carrier (national interface)."),
        ("calls of type premium are barred at the subscriber's request",
         "Calls of type “premium number” are barred at the subscriber's request."),
        ("a reason of a later version", "a reason of a later version"),
    ],
)  # fmt: skip
def test_names_stay_what_they_are(why: str, words: str) -> None:
    assert why_in_words(why) == (words, words != why)
