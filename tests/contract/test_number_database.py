"""Our client of the central number database against its simulator, which shares no code with it; and curl."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import jsonschema_rs
import pytest

from kiestoon.adapters.number_database import (
    BatchRefused,
    DatabaseSilent,
    HttpNumberDatabase,
    WrongSequence,
)
from kiestoon.domain.number_database.batch import Header, written
from kiestoon.domain.number_database.record import Place, Subscriber, Wishes, record
from kiestoon.duties.number_database import Change
from kiestoon.stack import probes

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs/formats/number-database.schema.json").read_text())
SERVICE, CONTROL = 28080, 28020
MEIR = Place("Meir", "1", "", "2000", "Antwerpen")


def ask(path: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{CONTROL}{path}", data, timeout=5) as answer:
        return json.loads(answer.read())


@pytest.fixture
def database() -> Iterator[HttpNumberDatabase]:
    ends = ("--listen", f"127.0.0.1:{SERVICE}", "--control", f"127.0.0.1:{CONTROL}")
    process = subprocess.Popen([sys.executable, "-m", "tests.sim.number_database", *ends], cwd=ROOT)
    assert probes.wait(lambda: probes.listens("127.0.0.1", CONTROL), 10)
    yield HttpNumberDatabase(f"http://127.0.0.1:{SERVICE}")
    process.terminate()
    process.wait(5)


def batch(sequence: int, *numbers: str, name: str = "") -> bytes:
    told = [
        Change("put", n, record(n, Subscriber("De Zon"), MEIR, Wishes(), nomadic=None, operator="Demo"))
        for n in numbers
    ]
    return written(Header(name or str(uuid4()), sequence, "Demo", datetime.now(UTC)), told)


def test_a_batch_is_taken_once_and_read_back_in_pages(database: HttpNumberDatabase) -> None:
    numbers = [f"+3238{n:06d}" for n in range(800000, 801500)]
    body = batch(1, *numbers)
    assert database.send(body).accepted == 1500
    assert database.send(body).accepted == 1500
    assert [row["number"] for row in database.records()] == numbers
    assert len(ask("/batches")) == 1
    validator = jsonschema_rs.validator_for(SCHEMA)
    assert all(validator.is_valid({"op": "put", "record": row}) for row in database.records())


def test_one_refused_record_and_the_rest_is_taken(database: HttpNumberDatabase) -> None:
    ask("/refuse", {"numbers": ["+3238080101"]})
    answer = database.send(batch(1, "+3238080101", "+3238080102"))
    assert answer.accepted == 1
    assert answer.refused[0].number == "+3238080101"
    assert answer.refused[0].field == "postcode"


def test_a_wrong_sequence_says_which_is_awaited(database: HttpNumberDatabase) -> None:
    with pytest.raises(WrongSequence) as wrong:
        database.send(batch(7, "+3238080101"))
    assert wrong.value.expected == 1


def test_what_breaks_the_format_is_refused_whole(database: HttpNumberDatabase) -> None:
    with pytest.raises(BatchRefused, match="line 2: number or postcode"):
        database.send(batch(1, "+31201234567"))
    assert list(database.records()) == []


@pytest.mark.parametrize("state", ["off", "error", "silent", "garbage"])
def test_every_way_of_not_answering_is_silence(database: HttpNumberDatabase, state: str) -> None:
    ask("/switch", {"state": state})
    with pytest.raises(DatabaseSilent):
        database.send(batch(1, "+3238080101"))
    with pytest.raises(DatabaseSilent):
        list(database.records())


def test_nothing_goes_out_unencrypted_to_another_machine() -> None:
    with pytest.raises(DatabaseSilent, match="https"):
        HttpNumberDatabase("http://192.0.2.1").send(b"")


def test_an_emergency_centre_asks_with_curl(database: HttpNumberDatabase) -> None:
    """Art. 12: the calling number is identified in real time; here by somebody else's client."""
    database.send(batch(1, "+3238080101"))
    url = f"http://127.0.0.1:{SERVICE}/v1/records/%2B3238080101"
    done = subprocess.run(
        ["curl", "-s", "--noproxy", "*", "--fail", url], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["municipality"] == "Antwerpen"
