"""Every alert has a runbook and every runbook an alert; Prometheus is given the same alerts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kiestoon.domain.health.alerts import RULES, TOLD
from kiestoon.portal.health.prometheus_rules import rules
from kiestoon.portal.health.runbooks import kinds, runbook

DOCS = Path(__file__).resolve().parents[3] / "docs"
PARTS = ["What it means", "What callers notice", "What to look at", "What to do"]


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    assert kinds() == sorted({*RULES, *TOLD})


@pytest.mark.parametrize("kind", sorted({*RULES, *TOLD}))
def test_a_runbook_says_what_it_means_what_callers_notice_what_to_look_at_and_what_to_do(kind: str) -> None:
    text = runbook(kind) or ""
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == PARTS
    for part in text.split("## ")[1:]:
        assert len(part.partition("\n")[2].strip()) > 20, part


def test_a_runbook_is_no_path() -> None:
    assert runbook("../architecture") is None
    assert runbook("README") is None


def test_the_alerts_for_prometheus_are_ours() -> None:
    written = (DOCS / "alert-rules.yml").read_text()
    assert written == rules(), "run: python -m kiestoon.portal.health.prometheus_rules > docs/alert-rules.yml"
    assert all(f"- alert: {kind}\n" in written for kind in RULES)
