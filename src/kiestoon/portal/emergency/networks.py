"""The operator's table of networks: read from CSV whole or not at all, and asked for an address."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kiestoon.portal.emergency.models import Network, NetworkTable
from kiestoon.portal.publication.services import operator_changed
from kiestoon.vocabulary import emergency as vocabulary

COLUMNS = ["prefix", "asn", "country", "name"]
MOST_LINES = 20_000
MOST_SHOWN = 20
"""Bad lines told at once."""
_MOST_ASN = 2**32 - 1
_COUNTRY = re.compile(r"[A-Z]{2}\Z")


@transaction.atomic
def load_networks(text: str, *, origin: str, by: str, now: datetime | None = None) -> NetworkTable:
    """Replace the whole table. ValidationError under "file" with line and reason; then nothing changes.

    The new table is to verify until somebody says that it is right (`verify_networks`).
    """
    if not origin.strip():
        raise ValidationError({"origin": _("Enter where this table comes from.")})
    rows = _read(text)
    Network.objects.all().delete()
    Network.objects.bulk_create(rows, batch_size=2000)
    table = NetworkTable(
        loaded_at=now or datetime.now(UTC),
        loaded_by=by,
        origin=origin.strip(),
        lines=len(rows),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )
    table.full_clean(exclude={"verified_at", "verified_by"})
    table.save()
    operator_changed()
    return table


@transaction.atomic
def verify_networks(table_id: int, by: str) -> NetworkTable:
    """Somebody compared it with its origin. ValidationError unless it is the one in force."""
    table = NetworkTable.objects.select_for_update().first()
    if table is None or table.pk != table_id:
        raise ValidationError(_("Another table was loaded meanwhile: look at that one."))
    if table.verified_at is None:
        table.verified_at, table.verified_by = datetime.now(UTC), by
        table.save()
    return table


def networks_holding(addresses: Iterable[str]) -> dict[str, vocabulary.Network]:
    """The longest part of the table that holds each address; those in none are left out."""
    candidates = {address: list(_prefixes(address)) for address in set(addresses)}
    wanted = {prefix for prefixes in candidates.values() for prefix in prefixes}
    rows = Network.objects.filter(prefix__in=wanted).values_list("prefix", "asn", "country", "name")
    found = {row[0]: vocabulary.Network(*row) for row in rows}
    return {
        address: found[longest]
        for address, prefixes in candidates.items()
        if (longest := next((prefix for prefix in prefixes if prefix in found), None)) is not None
    }


def _prefixes(address: str) -> Iterator[str]:
    """Every prefix that could hold the address, the longest first."""
    try:
        found = ip_address(address)
    except ValueError:
        return
    for length in range(found.max_prefixlen, -1, -1):
        yield str(ip_network((found, length), strict=False))


def _read(text: str) -> list[Network]:
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    errors: list[str] = []
    rows: list[Network] = []
    seen: dict[str, int] = {}
    try:
        heading = [name.strip().lower() for name in next(lines, [])]
        if heading != COLUMNS:
            raise ValidationError({"file": _("Line 1 must be: %(columns)s") % {"columns": ",".join(COLUMNS)}})
        for cells in lines:
            if not any(cell.strip() for cell in cells):
                continue
            try:
                row = _network([cell.strip() for cell in cells])
                if row.prefix in seen:
                    raise ValueError(
                        _("%(prefix)s is on line %(line)d too.")
                        % {"prefix": row.prefix, "line": seen[row.prefix]}
                    )
            except ValueError as error:
                errors.append(_("Line %(line)d: %(why)s") % {"line": lines.line_num, "why": error})
                continue
            seen[row.prefix] = lines.line_num
            rows.append(row)
    except csv.Error as error:
        errors.append(_("Line %(line)d: %(why)s") % {"line": lines.line_num, "why": error})
    if len(rows) > MOST_LINES:
        errors.append(
            _("At most %(most)d networks. The file has %(n)d.") % {"most": MOST_LINES, "n": len(rows)}
        )
    if not rows and not errors:
        errors.append(_("The file names no network."))
    if errors:
        more = len(errors) - MOST_SHOWN
        told = errors[:MOST_SHOWN] + ([_("And %(n)d lines more.") % {"n": more}] if more > 0 else [])
        raise ValidationError({"file": told})
    return rows


def _network(cells: list[str]) -> Network:
    """ValueError that says what to enter."""
    if len(cells) != len(COLUMNS):
        raise ValueError(
            _("%(n)d columns instead of %(wanted)d.") % {"n": len(cells), "wanted": len(COLUMNS)}
        )
    prefix, asn, country, name = cells
    try:
        network = ip_network(prefix)
    except ValueError as error:
        raise ValueError(
            _(
                "“%(entered)s” is no network: enter its first address and its length, for example "
                "192.0.2.0/24 or 2001:db8::/32."
            )
            % {"entered": prefix[:50]}
        ) from error
    digits = asn.upper().removeprefix("AS") or "0"
    if not digits.isascii() or not digits.isdigit() or int(digits[:12]) > _MOST_ASN:
        raise ValueError(_("“%(entered)s” is no AS number.") % {"entered": asn[:20]})
    if country and not _COUNTRY.match(country.upper()):
        raise ValueError(_("“%(entered)s” is no country of two letters.") % {"entered": country[:20]})
    if len(name) > 100 or "\0" in name:
        raise ValueError(_("The name is longer than 100 characters."))
    return Network(prefix=str(network), asn=int(digits), country=country.upper(), name=name)
