"""A minimal HTTP/1.1 server for a simulator's control interface: JSON in, JSON out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

Handler = Callable[[dict[str, Any]], Awaitable[Any]]
PHRASES = {200: "OK", 400: "Bad Request", 404: "Not Found", 500: "Internal Server Error"}
MAX_BODY = 1 << 20


class Refused(Exception):
    """The request cannot be done; the message goes to whoever asked."""

    def __init__(self, message: str, code: int = 400) -> None:
        super().__init__(message)
        self.code = code


class Control:
    """Routes are `GET /calls` or `POST /calls/ID/call-back`; ID reaches the handler as "id"."""

    def __init__(self) -> None:
        self._routes: list[tuple[str, list[str], Handler]] = []
        self._server: asyncio.Server | None = None

    def route(self, method: str, path: str, handler: Handler) -> None:
        self._routes.append((method, path.strip("/").split("/"), handler))

    async def listen(self, host: str, port: int) -> None:
        self._server = await asyncio.start_server(self._serve, host, port)

    def close(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).decode(errors="replace")
            method, target, *_ = head.split(" ", 2)
            length = 0
            for line in head.splitlines()[1:]:
                name, _, value = line.partition(":")
                if name.strip().lower() == "content-length" and value.strip().isdigit():
                    length = min(int(value), MAX_BODY)
            body = await asyncio.wait_for(reader.readexactly(length), 10) if length else b""
            code, answer = await self._answer(method, target.partition("?")[0], body)
            data = json.dumps(answer, ensure_ascii=False, indent=1).encode()
            lines = (
                f"HTTP/1.1 {code} {PHRASES.get(code, 'Unknown')}",
                "Content-Type: application/json; charset=utf-8",
                f"Content-Length: {len(data)}",
                "Connection: close",
                "",
                "",
            )
            writer.write("\r\n".join(lines).encode() + data)
            await writer.drain()
        except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever asked has gone, or does not speak HTTP
        finally:
            writer.close()

    async def _answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        handler, fields = self._find(method, path)
        if handler is None:
            return 404, {"error": f"{method} {path} is not served here"}
        try:
            given = json.loads(body) if body.strip() else {}
            if not isinstance(given, dict):
                raise Refused("the body must be a JSON object")
            return 200, await handler({**given, **fields})
        except Refused as refused:
            return refused.code, {"error": str(refused)}
        except json.JSONDecodeError as error:
            return 400, {"error": f"the body is not JSON: {error}"}
        except Exception as error:
            return 500, {"error": f"{type(error).__name__}: {error}"}

    def _find(self, method: str, path: str) -> tuple[Handler | None, dict[str, str]]:
        parts = path.strip("/").split("/")
        for known, pattern, handler in self._routes:
            if known != method or len(pattern) != len(parts):
                continue
            fields = {p.lower(): part for p, part in zip(pattern, parts, strict=True) if p.isupper()}
            if all(p.isupper() or p == part for p, part in zip(pattern, parts, strict=True)):
                return handler, fields
        return None, {}
