"""docs/alert-rules.yml: the same alerts for a Prometheus that watches from outside; made from RULES."""

from __future__ import annotations

from kiestoon.domain.health.alerts import RULES

HEAD = """\
# Made by `make docs` from kiestoon.domain.health.alerts: do not edit.
groups:
  - name: kiestoon
    rules:
      - alert: kiestoon-silent
        expr: absent(kiestoon_source_up{source="measurements"} == 1)
        for: 60s
        labels: {severity: page}
        annotations: {runbook: docs/runbooks/not-measured.md}
"""


def rules() -> str:
    """The file's text."""
    parts = [HEAD]
    for kind, rule in RULES.items():
        level = 2 if rule.only_bad else 1
        parts.append(
            f"      - alert: {kind}\n"
            f'        expr: max by (subject) (kiestoon_health_state{{kind="{kind}"}}) >= {level}\n'
            f"        for: {int(rule.grace.total_seconds())}s\n"
            f"        keep_firing_for: {int(rule.settle.total_seconds())}s\n"
            f"        labels: {{severity: {rule.severity}}}\n"
            f"        annotations: {{runbook: docs/runbooks/{kind}.md}}\n"
        )
    return "".join(parts)


if __name__ == "__main__":
    print(rules(), end="")
