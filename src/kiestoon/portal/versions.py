"""Two people changing one thing: whoever saw an older version is told, and nothing is overwritten.

A page's form carries the version it was made from (pages.forms.VersionedForm); a program sends it back in
If-Match (RFC 9110, section 13.1.1). Read the row with `select_for_update()` in the transaction that changes
it, so that nobody changes it between the comparison and the change.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from ninja.errors import HttpError


@dataclass(frozen=True, slots=True)
class Version:
    """`tag` differs when the rows differ; `ids` name the thing as its addresses do ({"user_id": 7})."""

    tag: str
    ids: dict[str, int | str]


def version_of(*rows: Model, without: Collection[str] = (), **ids: int | str) -> Version:
    """The version of what these rows say together: a thing and the rows that belong to it, in a fixed order.

    `ids` as the addresses call them: `version_of(user, *user.forwardings.all(), user_id=user.pk)`.
    `without`: fields that are no part of it.
    """
    said = [
        [
            row._meta.label_lower,
            {
                field.attname: getattr(row, field.attname)
                for field in row._meta.concrete_fields
                if field.attname not in without
            },
        ]
        for row in rows
    ]
    text = json.dumps(said, cls=DjangoJSONEncoder, sort_keys=True, default=str)
    return Version(hashlib.sha256(text.encode()).hexdigest()[:20], ids)


def give_etag(response: HttpResponse, version: Version) -> None:
    """Tell a program which version it reads."""
    response["ETag"] = f'"{version.tag}"'


def need_match(request: HttpRequest, version: Version) -> None:
    """HttpError 412 when If-Match names only other versions; without If-Match nothing is compared."""
    wanted = request.headers.get("If-Match")
    if wanted is None or wanted.strip() == "*":
        return
    if f'"{version.tag}"' not in [one.strip() for one in wanted.split(",")]:
        raise HttpError(
            412, "this was changed meanwhile; nothing was changed: read it again, then send your change"
        )
