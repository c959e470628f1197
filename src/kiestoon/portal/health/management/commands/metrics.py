"""PROCESS metrics: `python -m kiestoon.portal metrics`; http://127.0.0.1:9464/metrics for Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.core.management.base import BaseCommand
from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.multiprocess import MultiProcessCollector

from kiestoon.portal.health.metrics import Engines, multiprocess_folder

ADDRESS = ("127.0.0.1", 9464)


class _Silent(WSGIRequestHandler):
    """No line for each scrape."""

    def log_message(self, *args: Any) -> None: ...


def application() -> Callable[..., Iterable[bytes]]:
    """WSGI: /metrics, and nothing else."""
    registry = CollectorRegistry()
    registry.register(Engines())
    if multiprocess_folder():
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    metrics = make_wsgi_app(registry)

    def serve(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != "/metrics":
            start("404 Not Found", [("Content-Type", "text/plain")])
            return [b"/metrics\n"]
        answer: Iterable[bytes] = metrics(environ, start)
        return answer

    return serve


class Command(BaseCommand):
    """Serves until it is ended; does nothing between scrapes."""

    help = "Serve figures for Prometheus on loopback."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        with make_server(*ADDRESS, application(), handler_class=_Silent) as server:
            server.serve_forever(poll_interval=60)
