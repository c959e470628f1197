"""A minute of everything attackers do, beside calls: the reduced row of `./kiestoon bench abuse`."""

from __future__ import annotations

import pytest

from bench.abuse import measure
from tests.demo import Demo


async def test_a_minute_of_abuse(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in demo.stack.environment.items():
        monkeypatch.setenv(name, value)
    ca = demo.stack.state / "secrets" / "tls" / "ca.pem"
    result = await measure(demo.world, ca, 50, quiet=6)
    failures = result["failures"]
    assert [text for text in failures if ": 112 over " in text] == []
    # Known: in a storm of connections an ordinary call's BYE over TLS was once answered 408.
    assert len(failures) <= 1, failures
    assert [row["failed"] for row in result["phases"]] == [0, len(failures), 0]
    assert not result["edge_died"]
    pools = result["memory"]
    assert pools["edge pkg used"]["flat"]
    before, *_, after = pools["edge shm used"]["kib"]
    assert after - before < 32 << 10, "what strangers used of the shared memory comes back"
