"""Log lines: one JSON object a line, in which nothing says who called whom.

The text of a message is never written with its values: they may be a number, a name or an address dialled.
What is written is the event's name, the fields of `Fields`, and where it happened.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TypedDict, Unpack


class Fields(TypedDict, total=False):
    """What a line may say besides time, level, process and event; none of it is personal data."""

    call_id: str
    """Ours, or the SIP Call-ID as `sip_call_id`: identifiers, which lead to personal data only through the
    call journal."""
    sip_call_id: str
    code: str | int
    """A SIP or HTTP status, an SQLSTATE, or the code a person was told to quote."""
    error: str
    """Class of an exception, never its text."""
    place: str
    """file:line"""
    trace: list[str]
    step: str
    segment: str
    count: int
    bytes: int
    version: int
    method: str
    route: str
    """The name of an address's pattern, never the address."""
    ms: float
    task: str
    alert: str
    subject: str
    state: str
    text: str
    """Of a foreign program, cleansed by `stack.engine_log`."""


_FIELDS = frozenset(Fields.__annotations__)
LEVELS = ("debug", "info", "warning", "error", "critical")


def line(process: str, level: str, event: str, at: datetime | None = None, **fields: Unpack[Fields]) -> str:
    """The JSON of one log line, without its line feed."""
    moment = (at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="milliseconds")
    row: dict[str, Any] = {
        "time": moment.replace("+00:00", "Z"),
        "level": level,
        "process": process,
        "event": event,
    }
    row |= {name: value for name, value in fields.items() if value is not None}
    return json.dumps(row, ensure_ascii=True, separators=(",", ":"))


def note(log: logging.Logger, level: int, event: str, **fields: Unpack[Fields]) -> None:
    """Log an event of ours; `event` is a fixed word-with-hyphens, values go into fields."""
    error = sys.exc_info()[1] if level >= logging.ERROR else None
    log.log(level, event, exc_info=error, stacklevel=2, extra={"kiestoon": fields})


class JsonLines(logging.Formatter):
    """Formats any record, of ours or of a library, without its values."""

    def __init__(self, process: str | None = None) -> None:
        super().__init__()
        self._process = process or process_name()

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = dict(getattr(record, "kiestoon", None) or _of_library(record))
        if record.exc_info and record.exc_info[1] is not None:
            fields |= failure(record.exc_info[1])
        ours = hasattr(record, "kiestoon")
        event = str(record.msg) if ours else record.name
        at = datetime.fromtimestamp(record.created, UTC)
        fields = {name: value for name, value in fields.items() if name in _FIELDS}
        return line(self._process, record.levelname.lower(), event, at, **fields)  # type: ignore[typeddict-item]


def _of_library(record: logging.LogRecord) -> dict[str, Any]:
    """Where a library wrote the line; its text only as far as that is a pattern without values."""
    folder = os.path.basename(os.path.dirname(record.pathname))
    fields: dict[str, Any] = {"place": f"{folder}/{record.filename}:{record.lineno}"}
    if record.args and isinstance(record.msg, str):
        fields["text"] = record.msg
    status = getattr(record, "status_code", None)
    if isinstance(status, int):
        fields["code"] = status
    action = getattr(record, "action", None)
    if isinstance(action, str):
        fields["step"] = action
    return fields


def failure(error: BaseException) -> Fields:
    """Class of an exception, SQLSTATE where it has one, and where it was raised; never its text."""
    fields: Fields = {"error": type(error).__name__}
    cause: BaseException | None = error
    while cause is not None:
        if state := getattr(cause, "sqlstate", None):
            fields["code"] = str(state)
        cause = cause.__cause__
    places, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        file = "/".join(code.co_filename.split("/")[-2:])
        places.append(f"{file}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    if places:
        fields["trace"] = places[-12:]
    return fields


def process_name() -> str:
    """As `./kiestoon status` names this process; `command` for what a person typed."""
    return os.environ.get("KIESTOON_PROCESS") or "command"


def catch_uncaught(process: str) -> None:
    """An exception nobody handles ends the process or thread with a log line, not with its text."""

    def hook(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None, thread: str = ""
    ) -> None:
        if isinstance(error, KeyboardInterrupt):
            return
        fields = failure(error) | ({"step": thread} if thread else {})
        print(line(process, "critical", "uncaught", **fields), file=sys.stderr, flush=True)  # type: ignore[typeddict-item]

    sys.excepthook = hook
    threading.excepthook = lambda args: hook(
        args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback, "thread"
    )
