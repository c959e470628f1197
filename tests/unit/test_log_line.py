"""A log line is one JSON object, and holds no value that could be a number, a name or what was dialled."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest

from kiestoon.vocabulary.log_line import JsonLines, note

SECRET = "+32470987654"
NAME = "Quetzalcoatl"


class Log:
    """A logger whose lines are kept."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        handler = logging.StreamHandler(self.stream)
        handler.setFormatter(JsonLines("portal"))
        self.logger = logging.Logger("library.module", logging.DEBUG)
        self.logger.addHandler(handler)

    @property
    def row(self) -> dict[str, Any]:
        text = self.stream.getvalue()
        assert text.count("\n") == 1
        assert SECRET not in text
        assert NAME not in text
        row: dict[str, Any] = json.loads(text)
        return row


@pytest.fixture
def log() -> Log:
    return Log()


def test_a_line_of_ours(log: Log) -> None:
    note(log.logger, logging.WARNING, "ingest-waiting", error="OperationalError", code="57P01")
    assert log.row.pop("time").endswith("Z")
    assert {name: log.row[name] for name in ("level", "process", "event", "error", "code")} == {
        "level": "warning",
        "process": "portal",
        "event": "ingest-waiting",
        "error": "OperationalError",
        "code": "57P01",
    }


def test_the_values_of_a_librarys_line_are_left_out(log: Log) -> None:
    log.logger.warning("Not Found: %s", f"/en/calls/{SECRET}/")
    assert log.row["text"] == "Not Found: %s"
    assert log.row["place"].startswith("unit/test_log_line.py:")


def test_a_librarys_line_that_is_already_put_together_is_left_out(log: Log) -> None:
    log.logger.error(f"cannot publish {NAME} {SECRET}")
    assert "text" not in log.row
    assert log.row["event"] == "library.module"


def test_of_an_exception_its_class_and_places_are_kept(log: Log) -> None:
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise ValueError(f"{NAME} has no {SECRET}") from error
    except ValueError:
        note(log.logger, logging.ERROR, "api-error", code="K-7F3A")
    assert log.row["error"] == "ValueError"
    assert any("test_of_an_exception" in place for place in log.row["trace"])


def test_a_field_that_is_not_known_is_left_out(log: Log) -> None:
    note(log.logger, logging.INFO, "request", number=SECRET)  # type: ignore[call-arg]
    assert "number" not in log.row
