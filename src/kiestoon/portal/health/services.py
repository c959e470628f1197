"""Evaluates, opens and closes alerts; the only place that changes rows of this app."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kiestoon.domain.health import alerts
from kiestoon.domain.health.checks import Finding, findings
from kiestoon.domain.health.measurements import Measurements
from kiestoon.portal.health import queries
from kiestoon.portal.health.models import Alert, Evaluation, Minute, Watched
from kiestoon.portal.people.models import Person
from kiestoon.vocabulary.log_line import note

MINUTES_REWRITTEN = 5
"""Minutes whose figures may still change: calls that ring and are answered later."""
MINUTES_KEPT = timedelta(days=7)
ALERTS_KEPT = timedelta(days=400)

logger = logging.getLogger(__name__)


def evaluate(now: Measurements) -> alerts.Step:
    """Judge one moment and keep the outcome. Two evaluations at a time wait for each other."""
    with transaction.atomic():
        Evaluation.objects.get_or_create(one=1)
        last = Evaluation.objects.select_for_update().get(one=1)
        rows = {(row.kind, row.subject): row for row in Watched.objects.all()}
        known = {key: _watched(row) for key, row in rows.items()}
        step = alerts.evaluate(known, findings(now), now.at)
        _keep(rows, known, step)
        _open(step, now.at)
        _close(step.closed, now.at)
        _figures(now)
        last.at = now.at
        last.save()
    for kind, subject in step.opened:
        note(logger, logging.WARNING, "alert-opened", alert=kind, subject=subject)
    for kind, subject in step.closed:
        note(logger, logging.INFO, "alert-closed", alert=kind, subject=subject)
    return step


def acknowledge(alert: Alert, person: Person, now: datetime) -> Alert:
    """Somebody looks after it. Raises ValidationError when it is over, or another was first."""
    with transaction.atomic():
        found = Alert.objects.select_for_update(of=("self",)).get(pk=alert.pk)
        if found.closed_at is not None:
            raise ValidationError(_("This alert is over; nobody needs to take it."))
        if found.acknowledged_at is not None:
            raise ValidationError(_("Somebody has taken this alert already."))
        found.acknowledged_at, found.acknowledged_by = now, person
        if found.kind in alerts.TOLD:
            found.closed_at = now
        found.save()
    return found


def raise_alert(kind: str, subject: str, began_at: datetime, now: datetime) -> Alert:
    """Something of alerts.TOLD happened; once for a kind and subject."""
    alert, is_new = Alert.objects.get_or_create(
        kind=kind, subject=subject,
        defaults={"severity": alerts.TOLD[kind], "began_at": began_at, "opened_at": now},
    )  # fmt: skip
    if is_new:
        note(logger, logging.WARNING, "alert-opened", alert=kind, subject=subject)
    return alert


def end_alerts(kind: str, opened_before: datetime, now: datetime) -> int:
    """End those of alerts.TOLD that nobody took on for so long; returns how many."""
    old = Alert.objects.filter(kind=kind, opened_at__lt=opened_before, closed_at=None)
    return old.update(closed_at=now)


def _watched(row: Watched) -> alerts.Watched:
    return alerts.Watched(
        state=row.state,  # type: ignore[arg-type]
        since=row.since,
        troubled_since=row.troubled_since,
        good_since=row.good_since,
        alerting=row.alerting,
        worst=row.worst,  # type: ignore[arg-type]
    )


def _keep(
    rows: dict[alerts.Key, Watched], known: dict[alerts.Key, alerts.Watched], step: alerts.Step
) -> None:
    changed = {key: one for key, one in step.watched.items() if known.get(key) != one}
    for (kind, subject), one in changed.items():
        row = rows.get((kind, subject)) or Watched(kind=kind, subject=subject)
        for name, value in asdict(one).items():
            setattr(row, name, value)
        row.save()
    gone = [row.pk for key, row in rows.items() if key not in step.watched]
    if gone:
        Watched.objects.filter(pk__in=gone).delete()


def _open(step: alerts.Step, at: datetime) -> None:
    for kind, subject in step.opened:
        began = step.watched[kind, subject].troubled_since or at
        Alert.objects.get_or_create(
            kind=kind, subject=subject, closed_at=None,
            defaults={"severity": alerts.RULES[kind].severity, "began_at": began, "opened_at": at},
        )  # fmt: skip


def _close(keys: Iterable[alerts.Key], at: datetime) -> None:
    for kind, subject in keys:
        Alert.objects.filter(kind=kind, subject=subject, closed_at__isnull=True).update(closed_at=at)


def _figures(now: Measurements) -> None:
    """Rewrite the figures of the last minutes, and forget the oldest."""
    this = now.at.replace(second=0, microsecond=0)
    since = this - timedelta(minutes=MINUTES_REWRITTEN)
    rows = queries.figures(since, this + timedelta(minutes=1))
    for minute, (attempts, answered, ended, p99) in rows.items():
        Minute.objects.update_or_create(
            minute=minute,
            defaults={"attempts": attempts, "answered": answered, "ended": ended, "setup_p99_ms": p99},
        )
    if now.registrations is not None:
        Minute.objects.update_or_create(minute=this, defaults={"registrations": now.registrations.now})
    if this.minute == 0 and now.at.second < 20:
        Minute.objects.filter(minute__lt=now.at - MINUTES_KEPT).delete()
        Alert.objects.filter(closed_at__lt=now.at - ALERTS_KEPT).delete()


def since_when(found: list[Finding], now: datetime) -> dict[alerts.Key, datetime]:
    """Since when each finding has been as it is; now for one that was never seen so."""
    known = {(row.kind, row.subject): row for row in Watched.objects.all()}
    result: dict[alerts.Key, datetime] = {}
    for one in found:
        key = (one.kind, one.subject)
        row = known.get(key)
        result[key] = row.since if row is not None and row.state == one.state else one.since or now
    return result
