"""The central number database over HTTPS (docs/formats/number-database.md; the real interface is to verify).

Blocking, at most TIMEOUT a request: only jobs speak with it, never a call or a page.
"""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final, Protocol
from urllib.parse import quote, urlsplit

TIMEOUT: Final = 20.0
PAGE: Final = 1000
MOST_BYTES: Final = 32 << 20


class DatabaseSilent(Exception):
    """No answer now, or one that asks to come back; the message says which."""


class BatchRefused(Exception):
    """It will not take this batch at all; the message is its own."""


class WrongSequence(BatchRefused):
    """It waits for another batch: `expected`."""

    def __init__(self, expected: int) -> None:
        super().__init__(f"expects batch {expected}")
        self.expected = expected


@dataclass(frozen=True, slots=True)
class RecordError:
    """One record it refused, and why; the rest of the batch is taken all the same."""

    number: str
    field: str
    error: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a batch."""

    accepted: int
    refused: tuple[RecordError, ...] = ()


class NumberDatabase(Protocol):
    """Whatever takes our feed."""

    def send(self, batch: bytes) -> Answer:
        """Tell it a batch; the same batch again gets the same answer.

        DatabaseSilent when it does not answer, BatchRefused or WrongSequence when it takes nothing of it.
        """
        ...

    def records(self) -> Iterator[dict[str, Any]]:
        """All it has of us, by number. DatabaseSilent."""
        ...


@dataclass(frozen=True)
class HttpNumberDatabase:
    """At `url` (https, or http on this machine), with a bearer token when there is one."""

    url: str
    token: str = ""

    def send(self, batch: bytes) -> Answer:
        """As NumberDatabase says."""
        status, data = self._ask("POST", "/v1/batches", batch, "application/jsonl")
        if status == 200:
            errors = tuple(
                RecordError(str(row["number"]), str(row["field"]), str(row["error"]))
                for row in data.get("refused", ())
            )
            return Answer(int(data["accepted"]), errors)
        if status == 409 and isinstance(data.get("expected"), int):
            raise WrongSequence(data["expected"])
        raise BatchRefused(f"{status} {str(data.get('error', ''))[:200]}".strip())

    def records(self) -> Iterator[dict[str, Any]]:
        """As NumberDatabase says."""
        after = ""
        while True:
            status, data = self._ask("GET", f"/v1/records?limit={PAGE}&after={quote(after)}")
            if status != 200 or not isinstance(data.get("records"), list):
                raise DatabaseSilent(f"status {status} for its records")
            yield from data["records"]
            after = data.get("next") or ""
            if not after:
                return

    def _ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> tuple[int, Any]:
        parts = urlsplit(self.url)
        headers = {"Accept": "application/json"} | ({"Content-Type": kind} if kind else {})
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        connection = self._connection()
        try:
            connection.request(method, parts.path.rstrip("/") + path, body, headers)
            answer = connection.getresponse()
            data = answer.read(MOST_BYTES)
            if answer.status >= 500 or answer.status == 429:
                raise DatabaseSilent(f"status {answer.status}")
            found = json.loads(data)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise DatabaseSilent(type(error).__name__) from error
        finally:
            connection.close()
        if not isinstance(found, dict):
            raise DatabaseSilent("no JSON object")
        return answer.status, found

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        if parts.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, parts.port, timeout=TIMEOUT, context=context)
        if parts.scheme != "http" or not _is_here(host):
            raise DatabaseSilent("its address must be https")
        return http.client.HTTPConnection(host, parts.port, timeout=TIMEOUT)


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
