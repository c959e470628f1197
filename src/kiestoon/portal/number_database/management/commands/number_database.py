"""`number_database feed|compare|status`: what the jobs do, now; and how it stands."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kiestoon.portal.calls.listing import moment
from kiestoon.portal.number_database.models import Comparison
from kiestoon.portal.number_database.services import compare, database, feed
from kiestoon.portal.number_database.standing import standing


class Command(BaseCommand):
    help = "Send today's changes to the central number database now, compare with it, or tell how it stands."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["feed", "compare", "status"])
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        now = datetime.now(UTC)
        if options["what"] != "status":
            to = database()
            if to is None:
                raise CommandError(
                    "no number database is set: give its address in KIESTOON_NUMBER_DATABASE_URL"
                )
            if options["what"] == "feed":
                feed(now, to, at_once=True)
            else:
                compare(now, to)
        told = _status(now)
        if options["json"]:
            self.stdout.write(json.dumps(told))
        else:
            self.stdout.write("\n".join(f"{name.replace('_', ' ')}: {value}" for name, value in told.items()))


def _status(now: datetime) -> dict[str, Any]:
    found = standing(now)
    compared: Comparison | None = found.comparison
    return {
        "connected": found.is_connected,
        "last_answered": moment(found.last_answered),
        "waiting": found.waiting.said or "to be sent" if found.waiting else None,
        "refused_records": found.refused,
        "compared_at": moment(compared.at) if compared else None,
        "not_compared_because": (compared.said or None) if compared else None,
        "differences": [
            f"{one.number} {one.kind} {','.join(one.fields)}".strip() for one in compared.found.all()
        ]
        if compared
        else [],
        "late": found.late,
    }
