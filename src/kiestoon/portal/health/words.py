"""Findings in the reader's language: what it is about, and one sentence on how it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kiestoon.domain.health.checks import Finding


def moment(at: datetime) -> str:
    """Belgian time, day first."""
    return timezone.localtime(at).strftime("%d/%m/%Y %H:%M")


def title(kind: str, subject: str = "", name: str = "") -> str:
    """What a finding or an alert is about."""
    titles = {
        "calls-failing": _("Calls"),
        "emergency-failing": _("Emergency calls"),
        "drill-overdue": _("Emergency drills"),
        "trunk-unreachable": _("Trunk %(name)s") % {"name": name or subject},
        "process-down": _("Process %(name)s") % {"name": subject},
        "registrations-lost": _("Registered devices"),
        "journal-gap": _("Call journal"),
        "ingest-behind": _("Calls in the list"),
        "disk-low": _("Room on the disk"),
        "certificate-expiring": _("Certificate %(name)s") % {"name": subject},
        "publication-late": _("Changes reach the calls"),
        "database-trouble": _("Database"),
        "jobs-behind": _("Jobs"),
        "attack": _("Attacks"),
        "number-database": _("Central number database"),
        "emergency-call": _("Emergency call"),
        "not-measured": _("Watching itself"),
    }
    if not subject and kind in ("trunk-unreachable", "process-down", "certificate-expiring"):
        return {
            "trunk-unreachable": _("Trunks"),
            "process-down": _("Processes"),
            "certificate-expiring": _("Certificates"),
        }[kind]
    return titles.get(kind, kind)


def sentence(found: Finding) -> str:
    """How it is."""
    values = {
        name: moment(value) if isinstance(value, datetime) else value for name, value in found.values.items()
    }
    return _process(found) if found.kind == "process-down" else _said(found.said, values)


def _process(found: Finding) -> str:
    words = {
        "running": _("Runs"),
        "starting": _("Is starting"),
        "stopped": _("Was stopped"),
        "failed": _("Ends right after each start"),
        "silent": _("Runs, but does not answer"),
    }
    return words.get(found.said, _("Not measured"))


def _said(said: str, values: dict[str, Any]) -> str:
    if said in ("calls", "emergency-calls", "emergency-failed", "trunk-failing"):
        return _counted(said, values)
    words = {
        "no-calls": _("No call ended in the last five minutes"),
        "no-emergency-calls": _("No emergency call in the last hour"),
        "no-drills": _("No emergency route is marked for testing"),
        "drills-failed": _("%(failed)s of %(total)s drills failed"),
        "drills-overdue": _(
            "%(overdue)s of %(total)s drills are older than %(days)s days or were never made"
        ),
        "drills": _("All %(total)s drills are in order"),
        "trunk-unused": _("No call was tried over it in the last hour"),
        "trunk-carries": _("Carries calls, last tried %(last_tried)s"),
        "trunk-failed-once": _("The last call over it failed"),
        "no-registrations": _("No device is registered"),
        "registrations": _("%(now)s registered now; most in the last hour: %(most)s"),
        "journal-lost": _("%(lost)s attempts were not recorded"),
        "journal-whole": _("Every attempt is recorded"),
        "ingested": _("No event waits"),
        "ingest": _("%(pending)s events wait, the oldest for %(age)s s"),
        "disk": _("%(free_gb)s GB free"),
        "certificate": _("Valid until %(expires_at)s"),
        "never-published": _("Nothing has been published yet"),
        "changes-waiting": _("%(waiting)s changes wait; version %(version)s is in use"),
        "published": _("Version %(version)s, published %(published_at)s"),
        "database-silent": _("Does not answer. Calls are not affected"),
        "database": _("%(connections)s of %(most)s connections, %(size_mb)s MB"),
        "jobs": _("%(due)s jobs wait; %(failed)s failed in the last hour"),
        "security": _("%(events)s events and %(bans)s bans in five minutes"),
        "number-database-none": _("Not connected"),
        "number-database-never": _("Never fed yet"),
        "number-database-late": _("Last answered %(last_answered)s: more than two days ago"),
        "number-database-differs": _("%(wrong)s records are not there as they should be"),
        "number-database-fed": _("Answered last %(last_answered)s"),
        "measured": _("Evaluated %(previous)s, %(seconds)s s ago"),
    }
    text = words.get(said)
    if text is None:
        return _("Not measured")
    return text % {name: "–" if value is None else value for name, value in values.items()}


def _counted(said: str, values: dict[str, Any]) -> str:
    if said == "calls":
        count = int(values["attempts"])
        text = ngettext(
            "%(attempts)s call ended in five minutes; %(broken)s broken by us",
            "%(attempts)s calls ended in five minutes; %(broken)s broken by us",
            count,
        )
    elif said == "emergency-calls":
        text = ngettext(
            "%(attempts)s call in the last hour, answered or given up by the caller",
            "%(attempts)s calls in the last hour, each answered or given up by the caller",
            int(values["attempts"]),
        )
    elif said == "emergency-failed":
        text = ngettext(
            "%(failed)s call of %(attempts)s in the last hour reached no centre",
            "%(failed)s calls of %(attempts)s in the last hour reached no centre",
            int(values["failed"]),
        )
    else:
        text = ngettext(
            "The last %(failed)s call over it failed",
            "The last %(failed)s calls over it failed",
            int(values["failed"]),
        )
    return text % values
