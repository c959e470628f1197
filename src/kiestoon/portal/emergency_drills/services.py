"""Drills: asked for, made, kept."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kiestoon.adapters.emergency_centre import CentreReports, CentreSilent, HttpCentreReports, place_of
from kiestoon.adapters.sip_test_call import Line, Outcome, place_test_call
from kiestoon.adapters.sip_wire import TcpWire, WebSocketWire, Wire, WireBroken
from kiestoon.domain.emergency.drill import Kind, Report, differences
from kiestoon.domain.emergency.testing import urn_for_test
from kiestoon.duties.duty import belgian_day
from kiestoon.portal.carriers.models import Operator
from kiestoon.portal.customers.civic import vocabulary_address
from kiestoon.portal.emergency_drills.current import Wanted, drill_settings, wanted_drills
from kiestoon.portal.emergency_drills.lines import SOURCE, prepare_lines
from kiestoon.portal.emergency_drills.models import Drill, DrillLine, DrillRun, DrillSettings
from kiestoon.portal.emergency_routes.current import table_on
from kiestoon.portal.numbers.validation import read_e164
from kiestoon.portal.publication.publisher import publish

EDGE: Final = ("127.0.0.1", 5060)
EDGE_WSS: Final = ("127.0.0.1", 8443)
AT_ONCE: Final = 3
"""Calls at a time, beside everything else on the machine."""
CHUNK: Final = 12
"""Calls between two readings of the centre's report."""
LIMITS: Final = (1, 366)

Call = Callable[["Plan"], Outcome]


@dataclass(frozen=True, slots=True)
class Plan:
    """One test call to make: who, to what, over which path, and what should arrive."""

    wanted: Wanted
    line: Line
    urn: str
    sent: Report


def set_drill_settings(
    *, number: str, limit_days: int, report_url: str, report_paths: Mapping[str, str]
) -> DrillSettings:
    """ValidationError with one message a field."""
    errors: dict[str, object] = {}
    if not LIMITS[0] <= limit_days <= LIMITS[1]:
        errors["limit_days"] = _("Enter a number of days from %(least)d to %(most)d.") % {
            "least": LIMITS[0],
            "most": LIMITS[1],
        }
    if report_url and not _is_report_url(report_url):
        errors["report_url"] = _("Enter an address that begins with https://, or http:// on this machine.")
    try:
        number = read_e164(number) if number.strip() else ""
    except ValidationError as error:
        errors["number"] = error
    if errors:
        raise ValidationError(errors)
    row, _created = DrillSettings.objects.update_or_create(
        one=1,
        defaults={
            "number": number,
            "limit_days": limit_days,
            "report_url": report_url,
            "report_paths": dict(report_paths),
        },
    )
    return row


@transaction.atomic
def ask_for_run(by: str) -> DrillRun:
    """A run that a job makes; one at a time. ValidationError while another goes on or none can be made."""
    going_on = DrillRun.objects.select_for_update().filter(ended_at=None).first()
    if going_on is not None:
        raise ValidationError(_("A drill is going on already: see how far it is."))
    if not any(wanted_drills(table_on(belgian_day(datetime.now(UTC))), datetime.now(UTC))):
        raise ValidationError(_("No route of the table in force is marked for testing."))
    return DrillRun.objects.create(asked_at=datetime.now(UTC), asked_by=by)


def make_run(
    run: DrillRun,
    wanted: Sequence[Wanted] | None = None,
    *,
    call: Call | None = None,
    reports: CentreReports | None = None,
) -> DrillRun:
    """Make every drill of the run (or those `wanted`) and keep each; outside a transaction, in a job."""
    now = datetime.now(UTC)
    table = table_on(belgian_day(now))
    try:
        if table is None:
            raise ValidationError(_("No routing table is in force."))
        given = drill_settings()
        if prepare_lines(table, given):
            publish()
        plans = list(_plans(wanted if wanted is not None else list(wanted_drills(table, now)), given))
        run.total, run.begun_at = len(plans), now
        run.save()
        centre = reports or HttpCentreReports(given.report_url, given.report_paths)
        for first in range(0, len(plans), CHUNK):
            _make(run, table.pk, plans[first : first + CHUNK], call or _call, centre)
    except ValidationError as error:
        run.fault = " ".join(error.messages)[:300]
    finally:
        run.ended_at = datetime.now(UTC)
        run.save()
    return run


def _make(run: DrillRun, table: int, plans: Sequence[Plan], call: Call, centre: CentreReports) -> None:
    begun = datetime.now(UTC)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(call, plans))
    fault, arrived = "", {}
    try:
        arrived = dict(centre.reports())
    except CentreSilent as error:
        fault = str(error)
    for plan, outcome in zip(plans, outcomes, strict=True):
        received = arrived.get(outcome.call_id)
        found = differences(plan.sent, received)
        passed = outcome.code == 200 and not found
        Drill.objects.create(
            run=run,
            table=table,
            service=plan.wanted.service,
            area=plan.wanted.area,
            trunk=plan.wanted.trunk,
            kind=plan.wanted.kind,
            started_at=begun,
            sip_call_id=outcome.call_id,
            code=outcome.code,
            setup_ms=outcome.setup_ms,
            sent=plan.sent.as_dict(),
            arrived=received.as_dict() if received else None,
            differences=[one.as_dict() for one in found],
            result=Drill.Result.PASSED if passed else Drill.Result.FAILED,
            why=("" if outcome.code == 200 else outcome.why) or ("" if received else fault),
        )


def _plans(wanted: Iterable[Wanted], given: DrillSettings) -> Iterable[Plan]:
    operator = Operator.objects.get()
    rows = DrillLine.objects.select_related("user", "customer", "address")
    lines = {(row.area, row.kind): row for row in rows}
    for one in wanted:
        row = lines.get((one.area, one.kind))
        if row is None:
            continue
        address = vocabulary_address(row.address)
        fields = {name: getattr(address, name) for name in ("country", "A3", "RD", "HNO", "PC")}
        if row.user is not None:
            line = Line(row.user.username, operator.realm, row.user.ha1)
        else:
            line = Line("drill", operator.realm, identity=row.extension)
        yield Plan(
            one,
            line,
            urn_for_test(one.service),
            Report(
                number=given.number,
                name=row.user.name if row.user else row.customer.name,
                place=place_of(fields),
                path=one.trunk,
            ),
        )


def _call(plan: Plan) -> Outcome:
    try:
        wire = _wire(plan.wanted.kind)
    except WireBroken as error:
        return Outcome("", 0, None, str(error))
    try:
        return place_test_call(plan.line, plan.urn, plan.wanted.trunk, wire, plan.wanted.kind == "browser")
    finally:
        wire.close()


def _wire(kind: Kind) -> Wire:
    if kind == "browser":
        return WebSocketWire(EDGE_WSS, ca=Path(settings.SECRETS) / "tls" / "ca.pem")
    return TcpWire(EDGE, source=SOURCE if kind == "trunk" else "")


def _is_report_url(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return True
    try:
        return parts.scheme == "http" and ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
