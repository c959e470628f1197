"""Every duty has source, dates, evidence and a test that is red without its rule."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from kiestoon.duties.duty import Count, Duty
from kiestoon.duties.page import page
from kiestoon.duties.register import DUTIES, Refusal, Register, UnknownDuty

ROOT = Path(__file__).resolve().parents[3]
each = pytest.mark.parametrize("duty", DUTIES, ids=lambda duty: duty.key)


@each
def test_has_source_dates_module_and_evidence(duty: Duty) -> None:
    assert duty.title
    assert duty.summary
    assert duty.evidence
    assert duty.sources
    for source in duty.sources:
        assert source.article
        assert source.link.startswith("https://www.ejustice.just.fgov.be/eli/")
        assert source.in_force > date(2005, 1, 1)
        assert source.confidence in ("P", "O", "D", "S", "G", "?")
    importlib.import_module(duty.module)
    assert duty.holds_on(date(2026, 11, 24))


@each
def test_its_test_fails_when_the_rule_is_removed(duty: Duty) -> None:
    """Runs the duty's own test twice: with the rule (green) and with it taken out (red)."""

    def run(*more: str) -> int:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *more]
        path, _, name = duty.test.partition("::")
        return subprocess.run(
            [*command, str(ROOT / path), "-k", name],
            cwd=ROOT,
            env={**os.environ, "WITHOUT_RULE": duty.applied_at},
            capture_output=True,
            check=False,
        ).returncode

    assert run() == 0
    assert run("-p", "tests.without_rule") == 1


def test_the_page_is_the_generated_one() -> None:
    assert (ROOT / "docs" / "duties.md").read_text() == page(), (
        "run: python -m kiestoon.duties.page > docs/duties.md"
    )


def test_every_duty_named_in_a_reason_exists() -> None:
    keys = {duty.key for duty in DUTIES}
    for path in (ROOT / "src" / "kiestoon" / "domain").rglob("*.py"):
        for line in path.read_text().splitlines():
            if 'duty="' in line:
                assert line.split('duty="')[1].split('"')[0] in keys, path


class _Evidence:
    def rows(self, since: datetime, until: datetime) -> list[dict[str, Any]]:
        return [{"since": since, "until": until}]

    def counts(self, first: date, last: date) -> list[Count]:
        return [Count(first, "a step", "a result", "a reason", 1)]

    def measured_at(self) -> datetime | None:
        return None


def test_evidence_and_activation_checks_are_registered_by_key() -> None:
    register = Register()
    register.provide("spoofed-numbers", _Evidence())
    assert "spoofed-numbers" not in register.missing()
    assert register.evidence("spoofed-numbers").rows(datetime.now(UTC), datetime.now(UTC))
    with pytest.raises(UnknownDuty):
        register.provide("no-such-duty", _Evidence())
    refusal = Refusal("emergency-calls", "no address", "enter the address")
    register.check_activation("user", "emergency-calls", lambda subject: None if subject else refusal)
    assert list(register.refusals("user", None)) == [refusal]
    assert list(register.refusals("user", "anna")) == []
