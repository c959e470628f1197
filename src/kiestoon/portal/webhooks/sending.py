"""One attempt to deliver: an HTTP POST that follows no redirect and ends within its time."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kiestoon import __version__
from kiestoon.portal.webhooks.addresses import Address, ForbiddenAddress, NoSuchName, Target, resolve
from kiestoon.portal.webhooks.models import Delivery

CONNECT_SECONDS, ALL_SECONDS = 5.0, 15.0
MAX_RETRY_AFTER = 3600

Failure = Delivery.Failure


@dataclass(frozen=True, slots=True)
class Attempt:
    """`status` None: no HTTP answer, see `failure`. `retry_after`: the seconds it asked for, if any."""

    status: int | None
    failure: str
    took_ms: int
    retry_after: int | None = None

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def send(target: Target, headers: dict[str, str], body: bytes) -> Attempt:
    """Never raises: what went wrong is in the attempt."""
    begun = time.monotonic()
    status, failure, retry_after = None, "", None
    try:
        status, retry_after = _post(resolve(target), target, headers, body)
    except NoSuchName:
        failure = Failure.NO_NAME
    except ForbiddenAddress:
        failure = Failure.FORBIDDEN
    except TimeoutError:
        failure = Failure.TIMEOUT
    except ssl.SSLError:
        failure = Failure.TLS
    except (http.client.HTTPException, ValueError):
        failure = Failure.BROKEN
    except OSError:
        failure = Failure.NOT_REACHED
    return Attempt(status, failure, int((time.monotonic() - begun) * 1000), retry_after)


def _post(
    addresses: list[Address], target: Target, headers: dict[str, str], body: bytes
) -> tuple[int, int | None]:
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = _connect(addresses, target)
    try:
        with _deadline(connection.sock) as ended:
            try:
                connection.request(
                    "POST", target.path, body, {**_COMMON, "Host": target.authority, **headers}
                )
                response = connection.getresponse()
            except (OSError, http.client.HTTPException) as error:
                if ended.is_set():
                    raise TimeoutError from error
                raise
            return response.status, _seconds(response.headers.get("Retry-After"))
    finally:
        connection.close()


_COMMON = {
    "Content-Type": "application/json",
    "User-Agent": f"Kiestoon/{__version__}",
    "Connection": "close",
}


def _connect(addresses: list[Address], target: Target) -> socket.socket:
    """To a checked address itself: a second look-up of the name could lead elsewhere."""
    error: OSError = OSError("no address")
    for address in addresses[:3]:
        try:
            plain = socket.create_connection((str(address), target.port), CONNECT_SECONDS)
        except OSError as refused:
            error = refused
            continue
        if target.scheme == "http":
            return plain
        try:
            return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
        except BaseException:
            plain.close()
            raise
    raise error


@contextmanager
def _deadline(sock: socket.socket) -> Iterator[threading.Event]:
    """Cuts the connection when the whole takes too long: a timeout of its own begins anew at every byte."""
    ended = threading.Event()

    def cut() -> None:
        ended.set()
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(ALL_SECONDS, cut)
    timer.daemon = True
    timer.start()
    try:
        yield ended
    finally:
        timer.cancel()


def _seconds(header: str | None) -> int | None:
    """Retry-After in seconds; its form with a date is not read."""
    return min(int(header), MAX_RETRY_AFTER) if header and header.isascii() and header.isdigit() else None
