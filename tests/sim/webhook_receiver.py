"""PROCESS a program that receives webhooks and trusts none of them, by the published specification.

    python -m tests.sim.webhook_receiver --listen 127.0.0.1:9080 --secret whsec_… [--secret …]

Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md):
headers webhook-id, webhook-timestamp (seconds, at most 5 minutes off), webhook-signature ("v1,BASE64",
several separated by spaces); signed is "id.timestamp.body" with HMAC-SHA256 and the base64-decoded rest of
the secret.

Any POST is a webhook, but for the control: GET /received (in order of arrival, refused ones too), POST
/behave {"fault"}, POST /secrets {"secrets"}. Faults: none, error (500), unavailable (503, Retry-After: 1),
gone (410), redirect (302 to /elsewhere), slow (never answers), drip (a byte a second), garbage (no HTTP),
reset (closes unanswered). GET /elsewhere counts who followed a redirect.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOLERANCE = 300
FAULTS = ("none", "error", "unavailable", "gone", "redirect", "slow", "drip", "garbage", "reset")


class Receiver(ThreadingHTTPServer):
    """What arrived, and how to behave."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], secrets: list[str]) -> None:
        super().__init__(address, _Handler)
        self.secrets = secrets
        self.fault = "none"
        self.received: list[dict[str, Any]] = []
        self.followed = 0
        self.lock = threading.Lock()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hangs up on a fault is right."""

    def take(self, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        row = {
            "id": headers.get("webhook-id"),
            "timestamp": headers.get("webhook-timestamp"),
            "problem": verify(self.secrets, headers, body),
            "signatures": len(headers.get("webhook-signature", "").split()),
            "content_type": headers.get("content-type"),
            "fault": self.fault,
            "body": json.loads(body),
        }
        with self.lock:
            self.received.append(row)
        return row


def verify(secrets: list[str], headers: dict[str, str], body: bytes) -> str | None:
    """What is wrong with a webhook; None when it is authentic. Names of headers in small letters."""
    identity, stamp = headers.get("webhook-id"), headers.get("webhook-timestamp")
    if not identity or not stamp or not headers.get("webhook-signature"):
        return "a header is missing"
    if not stamp.isdigit() or abs(time.time() - int(stamp)) > TOLERANCE:
        return "the timestamp is too old or too new"
    signed = b".".join((identity.encode(), stamp.encode(), body))
    for one in headers["webhook-signature"].split(" "):
        version, _, given = one.partition(",")
        for secret in secrets:
            key = base64.b64decode(secret.removeprefix("whsec_"))
            right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
            if version == "v1" and hmac.compare_digest(right, given.encode()):
                return None
    return "no signature fits"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/behave":
            fault = json.loads(body)["fault"]
            if fault not in FAULTS:
                return self._answer(400, {"error": f"no such fault; there are: {', '.join(FAULTS)}"})
            self.server.fault = fault
            return self._answer(200, {"fault": fault})
        if self.path == "/secrets":
            self.server.secrets = json.loads(body)["secrets"]
            return self._answer(200, {})
        row = self.server.take({name.lower(): value for name, value in self.headers.items()}, body)
        return self._behave(row)

    def do_GET(self) -> None:
        if self.path == "/elsewhere":
            self.server.followed += 1
        self._answer(200, {"received": self.server.received, "followed": self.server.followed})

    def log_message(self, format: str, *args: Any) -> None:
        """Bodies hold telephone numbers: nothing is logged."""

    def _behave(self, row: dict[str, Any]) -> None:
        fault = self.server.fault
        if fault == "slow":
            time.sleep(60)
        elif fault == "drip":
            for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n":
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(1)
        elif fault == "garbage":
            self.wfile.write(b"\0\0\0 this is no HTTP\r\n\r\n")
        elif fault == "reset":
            self.connection.shutdown(socket.SHUT_RDWR)
        elif fault == "redirect":
            self._answer(302, {}, Location="/elsewhere")
        elif fault == "unavailable":
            self._answer(503, {}, **{"Retry-After": "1"})
        elif fault in ("error", "gone"):
            self._answer(500 if fault == "error" else 410, {})
        else:
            self._answer(400 if row["problem"] else 200, {"problem": row["problem"]})
        if fault in ("garbage", "reset"):
            self.close_connection = True

    def _answer(self, status: int, what: dict[str, Any], **headers: str) -> None:
        data = json.dumps(what).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Type": "application/json"}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", default="127.0.0.1:0")
    parser.add_argument("--secret", action="append", default=[])
    given = parser.parse_args()
    host, _, port = given.listen.rpartition(":")
    receiver = Receiver((host, int(port)), given.secret)
    print(receiver.server_address[1], flush=True)
    receiver.serve_forever()


if __name__ == "__main__":
    main()
