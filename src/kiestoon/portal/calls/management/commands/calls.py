"""`./kiestoon calls`: the call detail records."""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from kiestoon.belgium.numbering import to_e164
from kiestoon.portal.calls.listing import as_dict, as_line, customer_names
from kiestoon.portal.calls.models import Call

WRONG_USE = 2


class Command(BaseCommand):
    """Lists calls, oldest first."""

    help = "List call detail records, oldest first; calls going on have no end yet."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--since", help="ISO 8601; Europe/Brussels without an offset")
        parser.add_argument("--number", help="E.164: calls from it, to it or forwarded by it")
        parser.add_argument("--limit", help="the newest N only")

    def handle(self, *args: Any, **options: Any) -> None:
        calls = Call.objects.all()
        if options["since"] is not None:
            calls = calls.filter(started_at__gte=since(options["since"]))
        if options["number"] is not None:
            calls = calls.with_number(number(options["number"]))
        found = list(calls.order_by("-started_at", "-call_id")[: limit(options["limit"])])[::-1]
        if not options["json"]:
            for call in found:
                self.stdout.write(as_line(call))
            return
        names = customer_names(
            Path(settings.STATE) / "routing" / "customers.sqlite", (c.customer_id for c in found)
        )
        self.stdout.write(json.dumps([as_dict(call, names) for call in found], ensure_ascii=False))


def since(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(
            f"--since {text!r} is no ISO 8601 time, for example 2026-12-25T21:00", returncode=WRONG_USE
        ) from error
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo("Europe/Brussels"))


def number(text: str) -> str:
    """E.164 of what was asked; short codes stay as they are."""
    digits = re.sub(r"[\s./()-]", "", text)
    if not re.fullmatch(r"\+?\d{2,15}", digits):
        raise CommandError(
            f"--number {text!r} is no E.164 number, for example +3238080101", returncode=WRONG_USE
        )
    return to_e164(digits) or digits


def limit(text: str | None) -> int | None:
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,9}", text) or int(text) < 1:
        raise CommandError(f"--limit {text!r} is no whole number above 0", returncode=WRONG_USE)
    return int(text)
