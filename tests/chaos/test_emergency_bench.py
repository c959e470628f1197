"""112 beside three times an assumed load, things broken alone and in pairs: the reduced row of the bench.

`./kiestoon bench emergency` measures the load first and has every fault; here one pair stands for many.
"""

from __future__ import annotations

import subprocess

import pytest

from bench import emergency
from bench.emergency_load import Capacity
from bench.stack import service
from tests.demo import Demo

CALLS = 200
ASSUMED = Capacity(60.0, "assumed, so that the test takes no time to find out")
ALONE = ("postgres", "media hung", "edge killed", "first path dead")
PAIRS = (("media dead", "edge killed"), ("postgres", "first path silent"), ("edge killed", "first path dead"))


def test_every_112_call_reaches_a_centre_whatever_is_broken(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in demo.stack.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)  # pytest's, and this is the running stack
    subprocess.run(service("kiestoon.portal", "bench_world"), check=True, stdout=subprocess.DEVNULL)
    monkeypatch.setattr(
        emergency, "combinations", lambda present, pairs: [*((one,) for one in ALONE), *PAIRS]
    )
    try:
        result = emergency.run_all(CALLS, CALLS, 40.0, capacity=ASSUMED)
    finally:
        subprocess.run(
            service("kiestoon.portal", "bench_world", "--remove"), check=True, stdout=subprocess.DEVNULL
        )
    rows = {row["name"]: row for row in result["rows"]}
    assert len(rows) == 2 + len(ALONE) + len(PAIRS)
    assert {name: row["failed"] for name, row in rows.items() if row["failed"]} == {}
    assert all(row["reached"] == row["calls"] == CALLS for row in rows.values())
    assert all(row["names_looked_up"] == 0 for row in rows.values())
    assert rows["first path dead"]["by_partner"] == CALLS
    for name, row in rows.items():
        if "edge killed" not in name:
            assert row["with_name_and_place"] == CALLS, name
    assert "| edge killed |" in emergency.markdown(result)
