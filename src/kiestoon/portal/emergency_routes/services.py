"""Versions of the routing table: loaded, changed, proposed by one person, approved by another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kiestoon.domain.emergency.table import Fault, faults
from kiestoon.duties.duty import belgian_day
from kiestoon.portal.carriers.models import Trunk
from kiestoon.portal.emergency_routes.current import table_on
from kiestoon.portal.emergency_routes.models import Area, Route, Table
from kiestoon.portal.emergency_routes.reading import read
from kiestoon.portal.emergency_routes.words import fault_in_words
from kiestoon.portal.publication.services import operator_changed

AREA_FIELDS = frozenset({"name_nl", "name_fr", "name_de", "name_en", "municipalities", "to_verify", "origin"})
ROUTE_FIELDS = frozenset(
    {
        *("service", "area", "trunk", "request_user", "rank", "valid_from", "valid_until", "testing"),
        *("to_verify", "origin"),
    }
)
MOST_SHOWN = 50
"""Faults told at once."""


@dataclass(frozen=True, slots=True)
class By:
    """Who does it; `person_id` None: a program nobody stands behind, which may approve nothing."""

    name: str
    person_id: int | None


def emergency_trunks() -> list[str]:
    return list(Trunk.objects.filter(kind=Trunk.Kind.EMERGENCY).values_list("trunk_id", flat=True))


def faults_of(table: Table, first_day: date | None = None) -> list[Fault]:
    """What speaks against using the table; from today on, or from `first_day`."""
    today = belgian_day(datetime.now(UTC))
    day = max(first_day or table.in_force or today, today)
    areas = [area.value for area in table.areas.order_by("key")]
    return faults(areas, [route.value for route in table.routes.order_by("pk")], emergency_trunks(), day)


@transaction.atomic
def load_table(by: By, *, areas: str, routes: str, origin: str, to_verify: bool = True) -> Table:
    """A new draft from two CSV files.

    ValidationError under "areas" and "routes", each fault with its line; then nothing has changed.
    """
    found = read(areas, routes)
    errors: dict[str, list[str]] = {"areas": [], "routes": []}
    lines = [("areas", *one) for one in found.area_errors] + [("routes", *one) for one in found.route_errors]
    if not lines:
        today = belgian_day(datetime.now(UTC))
        wrong = faults(
            [row.value for row in found.areas], [row.value for row in found.routes], emergency_trunks(), today
        )
        for fault in wrong:
            name = "routes" if fault.part == "route" else "areas"
            at = found.route_lines if fault.part == "route" else found.area_lines
            lines.append((name, at[fault.at] if fault.at is not None else 0, fault_in_words(fault)))
    for name, line, words in lines[:MOST_SHOWN]:
        errors[name].append(_("Line %(line)d: %(words)s") % {"line": line, "words": words} if line else words)
    if lines:
        raise ValidationError({name: told for name, told in errors.items() if told})
    table = _new(by, origin, to_verify=to_verify)
    _add_rows(table, found.areas, found.routes)
    return table


@transaction.atomic
def copy_table(source: Table, by: By) -> Table:
    """A draft that says what another version says."""
    table = _new(by, source.origin, to_verify=source.to_verify)
    areas, routes = list(source.areas.all()), list(source.routes.order_by("pk"))
    for row in (*areas, *routes):
        row.pk, row._state.adding = None, True
    _add_rows(table, areas, routes)
    return table


@transaction.atomic
def change_table(table: Table, by: By, *, origin: str, to_verify: bool) -> Table:
    _need_draft(table)
    table.origin, table.to_verify = origin.strip(), to_verify
    _check(table)
    _written(table, by)
    return table


@transaction.atomic
def keep_area(area: Area, by: By, **fields: Any) -> Area:
    """Add or change an area of a draft. ValidationError by field, of an overlap too."""
    _need_draft(area.table)
    _set(area, fields, AREA_FIELDS | ({"key"} if area._state.adding else frozenset()))
    others = [one.value for one in area.table.areas.exclude(pk=area.pk)]
    _refuse(
        faults([*others, area.value], (), (), date.max),
        at=len(others),
        part="area",
        field="municipalities",
        leaving_out=("no-route", "in-no-area"),
    )
    _check(area)
    area.save()
    _written(area.table, by)
    return area


@transaction.atomic
def keep_route(route: Route, by: By, **fields: Any) -> Route:
    """Add or change a route of a draft. ValidationError by field."""
    _need_draft(route.table)
    _set(route, fields, ROUTE_FIELDS)
    others = [one.value for one in route.table.routes.exclude(pk=route.pk)]
    areas = [one.value for one in route.table.areas.all()]
    _refuse(
        faults(areas, [*others, route.value], emergency_trunks(), date.max),
        at=len(others),
        part="route",
        field={"unknown-service": "service", "unknown-area": "area", "unknown-trunk": "trunk"},
    )
    _check(route)
    route.save()
    _written(route.table, by)
    return route


@transaction.atomic
def remove_row(row: Area | Route, by: By) -> None:
    """From a draft; an area's routes go with it."""
    _need_draft(row.table)
    if isinstance(row, Area):
        row.table.routes.filter(area=row.key).delete()
    row.delete()
    _written(row.table, by)


@transaction.atomic
def discard_table(table: Table) -> None:
    """A draft only: what was proposed stays."""
    _need_draft(table)
    table.delete()


@transaction.atomic
def propose_table(table: Table, by: By, in_force: date) -> Table:
    """Ask a second person to approve it; from then on it does not change.

    ValidationError while something speaks against using it from that day on.
    """
    _need_draft(table)
    if in_force < belgian_day(datetime.now(UTC)):
        raise ValidationError({"in_force": _("Choose today or a later day.")})
    if Table.objects.filter(state=Table.State.APPROVED, in_force=in_force).exists():
        raise ValidationError({"in_force": _("Another table is in force from that day: choose another day.")})
    _need_faultless(table, in_force)
    table.state, table.in_force = Table.State.PROPOSED, in_force
    table.proposed_at, table.proposed_by = datetime.now(UTC), by.name
    _written(table, by)
    return table


@transaction.atomic
def approve_table(table: Table, by: By) -> Table:
    """By a person who neither wrote nor proposed it; calls follow it from its day on."""
    _need_proposed(table)
    need_second_person(by, table.authors)
    assert table.in_force is not None
    today = belgian_day(datetime.now(UTC))
    if table.in_force < today:
        raise ValidationError(_("Its day has passed: refuse it, and propose a copy from today on."))
    if Table.objects.filter(state=Table.State.APPROVED, in_force=table.in_force).exists():
        raise ValidationError(_("Another table is in force from that day: refuse this one."))
    _need_faultless(table, table.in_force)
    table.state = Table.State.APPROVED
    table.decided_at, table.decided_by = datetime.now(UTC), by.name
    if table.in_force <= today:
        table.begun_at = datetime.now(UTC)
        operator_changed()
    table.save()
    return table


@transaction.atomic
def refuse_table(table: Table, by: By, why: str) -> Table:
    """Say no; whoever proposed it may take it back like this too."""
    _need_proposed(table)
    if not why.strip():
        raise ValidationError({"why": _("Say why.")})
    table.state, table.refusal = Table.State.REFUSED, why.strip()[:300]
    table.decided_at, table.decided_by = datetime.now(UTC), by.name
    table.save()
    return table


@transaction.atomic
def begin_tables() -> int:
    """Publish the table whose day has come; returns how many began (none, nearly always)."""
    now = datetime.now(UTC)
    table = table_on(belgian_day(now))
    if table is None or table.begun_at is not None:
        return 0
    table.begun_at = now
    table.save(update_fields=["begun_at"])
    operator_changed()
    return 1


def _new(by: By, origin: str, *, to_verify: bool) -> Table:
    table = Table(origin=origin.strip(), to_verify=to_verify, made_at=datetime.now(UTC), made_by=by.name)
    if by.person_id is not None:
        table.authors = [by.person_id]
    _check(table)
    table.save()
    return table


def _add_rows(table: Table, areas: Iterable[Area], routes: Iterable[Route]) -> None:
    made_areas, made_routes = list(areas), list(routes)
    for area in made_areas:
        area.table = table
    for route in made_routes:
        route.table = table
    Area.objects.bulk_create(made_areas)
    Route.objects.bulk_create(made_routes)


def _need_draft(table: Table) -> None:
    if table.state != Table.State.DRAFT:
        raise ValidationError(_("Only a draft can change: make a copy of this version first."))


def _need_proposed(table: Table) -> None:
    if table.state != Table.State.PROPOSED:
        raise ValidationError(_("This version does not wait for a decision (any more)."))


def need_second_person(by: By, first: Iterable[int]) -> None:
    """ValidationError unless somebody else than those decides, and no program."""
    if by.person_id is None:
        raise ValidationError(_("Only a person can approve this, not a program."))
    if by.person_id in first:
        raise ValidationError(_("Somebody else must approve it: you wrote or proposed it."))


def _need_faultless(table: Table, day: date) -> None:
    found = [fault_in_words(one) for one in faults_of(table, day)[:MOST_SHOWN]]
    if found:
        raise ValidationError(found)


def _written(table: Table, by: By) -> None:
    if by.person_id is not None and by.person_id not in table.authors:
        table.authors = [*table.authors, by.person_id]
    table.save()


def _set(row: Area | Route, fields: dict[str, Any], changeable: frozenset[str] | set[str]) -> None:
    if unknown := set(fields) - set(changeable):
        raise ValidationError({name: _("This cannot be changed.") for name in unknown})
    for name, value in fields.items():
        setattr(row, name, value)


def _check(row: Table | Area | Route) -> None:
    if isinstance(row, Table):
        row.clean_fields(exclude={"authors", "in_force", "proposed_at", "decided_at", "begun_at"})
    else:
        row.full_clean(exclude={"table"})


def _refuse(
    found: Iterable[Fault],
    *,
    at: int,
    part: str,
    field: str | dict[str, str],
    leaving_out: tuple[str, ...] = (),
) -> None:
    """Raise what was found about the row at this place."""
    errors: dict[str, list[str]] = {}
    for fault in found:
        if (fault.part, fault.at) != (part, at) or fault.said in leaving_out:
            continue
        name = field if isinstance(field, str) else field.get(fault.said, "trunk")
        errors.setdefault(name, []).append(fault_in_words(fault))
    if errors:
        raise ValidationError(errors)
