"""`./kiestoon explain --call CALL_ID`: the journalled decision of a real call."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from kiestoon.portal.calls.listing import as_dict, as_line, customer_names, ladder
from kiestoon.portal.calls.models import Call


class Command(BaseCommand):
    """What was decided, why, and what then happened; exit 1 when there is no such call."""

    help = "Explain a call that was made, from the call journal."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--call", required=True, metavar="CALL_ID")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        call = Call.objects.filter(call_id=options["call"]).first()
        if call is None:
            raise CommandError("there is no such call (yet: a call is listed within 5 s)", returncode=1)
        if options["json"]:
            self.stdout.write(json.dumps(explanation(call), ensure_ascii=False))
            return
        self.stdout.write(as_line(call))
        for reason in call.reasons:
            duty = f" [{reason['duty']}]" if reason.get("duty") else ""
            self.stdout.write(f"  {reason.get('step')}: {reason.get('result')} - {reason.get('why')}{duty}")
        for row in ladder(call):
            self.stdout.write(f"  {row['at']}  {row['event']}")


def explanation(call: Call) -> dict[str, Any]:
    """The object of `explain --json` for a call that was made, with its CDR and its events."""
    attempt = call.attempt
    store = Path(settings.STATE) / "routing" / "customers.sqlite"
    rejected = attempt.get("outcome") == "reject"
    return {
        "outcome": attempt.get("outcome"),
        "emergency_class": call.emergency_class,
        "sip_code": attempt.get("code") if rejected else None,
        "targets": [] if rejected else [target for stage in call.stages for target in _targets(stage, call)],
        "reasons": call.reasons,
        "call": as_dict(call, customer_names(store, [call.customer_id])),
        "events": ladder(call),
    }


def _targets(stage: dict[str, Any], call: Call) -> list[dict[str, Any]]:
    """The targets of a stage that was tried."""
    trunk = stage.get("trunk")
    if trunk:
        return [{"kind": "trunk", "id": trunk["id"], "name": trunk["name"], "uri": None, "cli": call.cli}]
    users = stage.get("users") or []
    return [
        {"kind": "user", "id": user, "name": user, "uri": f"sip:{user}", "cli": call.cli} for user in users
    ]
