"""The central number database in memory, for unit tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kiestoon.adapters.number_database import Answer, DatabaseSilent, RecordError, WrongSequence


@dataclass
class FakeNumberDatabase:
    """Keeps records; refuses numbers in `refuses`, and is silent when `is_away`."""

    refuses: set[str] = field(default_factory=set)
    is_away: bool = False
    sequence: int = 0
    held: dict[str, dict[str, Any]] = field(default_factory=dict)
    batches: list[bytes] = field(default_factory=list)
    _answers: dict[str, Answer] = field(default_factory=dict)

    def send(self, batch: bytes) -> Answer:
        """As NumberDatabase says."""
        if self.is_away:
            raise DatabaseSilent("ConnectionRefusedError")
        head, *lines = [json.loads(line) for line in batch.decode().removesuffix("\n").split("\n")]
        if head["batch"] in self._answers:
            return self._answers[head["batch"]]
        if head["sequence"] != self.sequence + 1:
            raise WrongSequence(self.sequence + 1)
        self.sequence += 1
        self.batches.append(batch)
        errors = []
        for line in lines:
            number = line["record"]["number"] if line["op"] == "put" else line["number"]
            if number in self.refuses:
                errors.append(RecordError(number, "postcode", "not known"))
            elif line["op"] == "put":
                self.held[number] = line["record"]
            else:
                self.held.pop(number, None)
        answer = Answer(len(lines) - len(errors), tuple(errors))
        self._answers[head["batch"]] = answer
        return answer

    def records(self) -> Iterator[dict[str, Any]]:
        """As NumberDatabase says."""
        if self.is_away:
            raise DatabaseSilent("ConnectionRefusedError")
        for number in sorted(self.held):
            yield self.held[number]
