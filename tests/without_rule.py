"""Pytest plugin (-p tests.without_rule) that takes one rule of law out: its test must then fail."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from typing import Any

from kiestoon.belgium.numbering import to_e164
from kiestoon.duties import nomadic_emergency_calls
from kiestoon.duties.redundant_access import Standing
from kiestoon.duties.spoofed_numbers import Verdict

NEUTRAL: dict[str, Callable[..., Any]] = {
    "kiestoon.domain.routing.caller:judge": lambda *_: Verdict("pass", "", ""),
    "kiestoon.domain.routing.emergency:judge": lambda *_: nomadic_emergency_calls.Verdict("route", "", ""),
    "kiestoon.domain.routing.decide:classify": lambda *_: None,
    "kiestoon.domain.routing.caller:_guarded": lambda presented, *_: to_e164(presented),
    "kiestoon.domain.routing.destination:_may_call": lambda *_: None,
    "kiestoon.duties.malicious_calls:may_be_marked": lambda *_, **__: True,
    "kiestoon.duties.redundant_access:which_applies": lambda *_: Standing("exempt", None, 0),
    "kiestoon.duties.number_database:changes": lambda *_: [],
    "kiestoon.duties.emergency_notice:may_activate": lambda *_: True,
}
"""What stands in the rule's place: as if nobody had written it."""


def pytest_configure() -> None:
    module, _, name = os.environ["WITHOUT_RULE"].partition(":")
    target = importlib.import_module(module)
    assert hasattr(target, name), f"{module} has no {name}"
    setattr(target, name, NEUTRAL[f"{module}:{name}"])
