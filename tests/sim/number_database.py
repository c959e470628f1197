"""PROCESS the central number database as its documented format has it (docs/formats/number-database.md).

    python -m tests.sim.number_database --listen 127.0.1.20:8080 --control 127.0.1.20:8020

It checks every line against the format and takes nothing of a batch that breaks it. POST /v1/batches, GET
/v1/records?after=&limit=, GET /v1/records/NUMBER (what emergency centres ask, RD Central Database art. 12).

Control: GET /states, POST /switch {"state"}, GET /batches (answered ones, oldest first), POST /refuse
{"numbers"} (a record error for these), POST /lose {"number"}, POST /alter {"number", "field", "value"}, POST
/plant {"record"}, POST /forget. States: on, off (503 to all), slow (answers after 5 s), error (500), silent
(closes unanswered), garbage (no JSON), forgetful (says accepted, keeps every second record only).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import threading
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

NAME = "number_database"
STATES = ("on", "off", "slow", "error", "silent", "garbage", "forgetful")
FORMAT = "kiestoon-number-database/1"
HEADER = {"format", "batch", "sequence", "operator", "made_at", "changes", "sha256"}
TEXTS = {"street": 100, "house_number": 20, "municipality": 60, "operator": 100}
MAYBE = {
    "last_name": 100,
    "first_name": 100,
    "initials": 20,
    "company": 200,
    "box": 20,
    "professional_activity": 100,
}
FLAGS = ("directory", "do_not_call")
RECORD = {"number", "postcode", "kind", "nomadic", *TEXTS, *MAYBE, *FLAGS}
_NUMBER = re.compile(r"\+32[1-9]\d{7,8}\Z")
_POSTCODE = re.compile(r"[1-9]\d{3}\Z")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


class Malformed(Exception):
    """The batch breaks the format; the message says where."""


class WrongSequence(Exception):
    """Another batch is awaited."""


class Database:
    """What operators told, and how to behave."""

    def __init__(self) -> None:
        self.state = "on"
        self.records: dict[str, dict[str, Any]] = {}
        self.refuses: set[str] = set()
        self.sequence = 0
        self.batches: list[dict[str, Any]] = []
        self._answers: dict[str, dict[str, Any]] = {}
        self._hashes: dict[str, str] = {}
        self.lock = threading.Lock()

    def take(self, body: bytes) -> dict[str, Any]:
        """The answer to a batch; the same one again gets the same answer. Malformed, WrongSequence."""
        head, lines = parse(body)
        with self.lock:
            known = self._answers.get(head["batch"])
            if known is not None:
                if self._hashes[head["batch"]] != head["sha256"]:
                    raise Malformed("line 1: this batch id was used for other lines")
                return known
            if head["sequence"] != self.sequence + 1:
                raise WrongSequence
            self.sequence += 1
            refused = [error for line in lines if (error := self._apply(line)) is not None]
            answer = {"batch": head["batch"], "accepted": len(lines) - len(refused), "refused": refused}
            self._answers[head["batch"]] = answer
            self._hashes[head["batch"]] = head["sha256"]
            self.batches.append({**head, "lines": lines, "answer": answer})
            return answer

    def _apply(self, line: dict[str, Any]) -> dict[str, str] | None:
        number = line["record"]["number"] if line["op"] == "put" else line["number"]
        if number in self.refuses:
            return {"number": number, "field": "postcode", "error": "no such postcode in this municipality"}
        if self.state == "forgetful" and int(number[-1]) % 2:
            return None
        if line["op"] == "put":
            self.records[number] = line["record"]
        elif self.records.pop(number, None) is None:
            return {"number": number, "field": "number", "error": "not known here"}
        return None

    def page(self, after: str, limit: int) -> dict[str, Any]:
        numbers = sorted(number for number in self.records if number > after)
        found = numbers[:limit]
        more = found[-1] if len(numbers) > limit else None
        return {"records": [self.records[number] for number in found], "next": more}


def parse(body: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Header and lines of a batch. Malformed."""
    if not body.endswith(b"\n"):
        raise Malformed("the last line has no end")
    first, rest = body.split(b"\n", 1)
    head = _object(first, 1)
    if set(head) != HEADER:
        raise Malformed(f"line 1: exactly these fields: {', '.join(sorted(HEADER))}")
    if head["format"] != FORMAT or not _UUID.match(str(head["batch"])):
        raise Malformed("line 1: format or batch")
    if not (isinstance(head["sequence"], int) and head["sequence"] > 0 and head["operator"]):
        raise Malformed("line 1: sequence or operator")
    try:
        datetime.strptime(str(head["made_at"]), "%Y-%m-%dT%H:%M:%SZ")
    except ValueError as error:
        raise Malformed("line 1: made_at is no UTC moment") from error
    if head["sha256"] != hashlib.sha256(rest).hexdigest():
        raise Malformed("line 1: sha256 is not that of the lines after it")
    lines = [_object(line, n) for n, line in enumerate(rest.split(b"\n")[:-1], 2)]
    if head["changes"] != len(lines):
        raise Malformed(f"line 1: {head['changes']} changes announced, {len(lines)} sent")
    for n, line in enumerate(lines, 2):
        problem = what_is_wrong(line)
        if problem:
            raise Malformed(f"line {n}: {problem}")
    return head, lines


def what_is_wrong(line: dict[str, Any]) -> str:
    """The first rule a change breaks; "" when none."""
    if line.get("op") == "delete":
        return "" if set(line) == {"op", "number"} and _is_number(line["number"]) else "delete names a number"
    if line.get("op") != "put" or set(line) != {"op", "record"} or not isinstance(line["record"], dict):
        return "put with a record, or delete with a number"
    return wrong_in_record(line["record"])


def wrong_in_record(record: dict[str, Any]) -> str:
    if set(record) != RECORD:
        return f"exactly these fields: {', '.join(sorted(RECORD))}"
    if not _is_number(record["number"]) or not _POSTCODE.match(str(record["postcode"])):
        return "number or postcode"
    if record["kind"] not in ("fixed", "mobile") or record["nomadic"] not in (True, False, None):
        return "kind or nomadic"
    if any(not isinstance(record[name], bool) for name in FLAGS):
        return "directory and do_not_call are true or false"
    for name, most in TEXTS.items():
        if not isinstance(record[name], str) or not 0 < len(record[name].strip()) <= most:
            return f"{name}: 1 to {most} characters"
    for name, most in MAYBE.items():
        if record[name] is not None and not (isinstance(record[name], str) and 0 < len(record[name]) <= most):
            return f"{name}: null, or 1 to {most} characters"
    is_person = record["last_name"] is not None
    if is_person == (record["company"] is not None):
        return "either last_name or company"
    if not is_person and (record["first_name"] or record["initials"]):
        return "a company has no first name"
    return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and bool(_NUMBER.match(value))


def _object(line: bytes, n: int) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise Malformed(f"line {n}: no JSON") from error
    if not isinstance(found, dict):
        raise Malformed(f"line {n}: no object")
    return found


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], database: Database, handler: type[Handler]) -> None:
        super().__init__(address, handler)
        self.database = database

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hangs up on a fault is right."""


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Bodies hold names and numbers: nothing is logged."""

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status: int, what: Any) -> None:
        data = json.dumps(what, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Service(Handler):
    """What operators and emergency centres use."""

    def do_POST(self) -> None:
        body = self.body()
        if not self._behaves():
            return None
        if self.path != "/v1/batches":
            return self.answer(404, {"error": "not here"})
        if not str(self.headers.get("Content-Type", "")).startswith("application/jsonl"):
            return self.answer(415, {"error": "application/jsonl"})
        try:
            return self.answer(200, self.server.database.take(body))
        except WrongSequence:
            return self.answer(409, {"error": "sequence", "expected": self.server.database.sequence + 1})
        except Malformed as error:
            return self.answer(422, {"error": str(error)})

    def do_GET(self) -> None:
        if not self._behaves():
            return None
        parts = urlsplit(self.path)
        if parts.path == "/v1/records":
            asked = parse_qs(parts.query)
            limit = min(1000, int(asked.get("limit", ["1000"])[0]))
            return self.answer(200, self.server.database.page(asked.get("after", [""])[0], limit))
        found = self.server.database.records.get(unquote(parts.path.removeprefix("/v1/records/")))
        return self.answer(200, found) if found else self.answer(404, {"error": "no such number"})

    def _behaves(self) -> bool:
        state = self.server.database.state
        if state in ("off", "error"):
            self.answer(503 if state == "off" else 500, {"error": state})
        elif state == "silent":
            self.close_connection = True
        elif state == "garbage":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<xml>")
        elif state == "slow":
            time.sleep(5)
        return state in ("on", "slow", "forgetful")


class Control(Handler):
    """What tests and `demo switch` use."""

    def do_GET(self) -> None:
        database = self.server.database
        if self.path == "/batches":
            return self.answer(200, database.batches)
        faults = [one for one in STATES if one not in ("on", "off")]
        return self.answer(200, {NAME: {"state": database.state, "faults": faults}})

    def do_POST(self) -> None:
        given, database = json.loads(self.body() or b"{}"), self.server.database
        with database.lock:
            if self.path == "/switch":
                if given.get("state") not in STATES:
                    return self.answer(400, {"error": f"no such state; there are: {', '.join(STATES)}"})
                database.state = given["state"]
            elif self.path == "/refuse":
                database.refuses = set(given["numbers"])
            elif self.path == "/lose":
                database.records.pop(given["number"], None)
            elif self.path == "/alter":
                database.records[given["number"]] = {
                    **database.records[given["number"]],
                    given["field"]: given["value"],
                }
            elif self.path == "/plant":
                database.records[given["record"]["number"]] = given["record"]
            elif self.path == "/forget":
                database.records.clear()
            else:
                return self.answer(404, {"error": "not here"})
        return self.answer(200, {NAME: {"state": database.state}})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", default="127.0.1.20:8080")
    parser.add_argument("--control", default="127.0.1.20:8020")
    given = parser.parse_args()
    database = Database()
    for ends, handler in ((given.listen, Service), (given.control, Control)):
        host, _, port = ends.rpartition(":")
        server = Server((host, int(port)), database, handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
