"""Values to canonical JSON and back; what checksums are taken over."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from kiestoon.vocabulary.configuration import (
    CivicAddress,
    Customer,
    Forwarding,
    Number,
    Operator,
    SpecialInterface,
    Trunk,
    User,
)


def dumps(value: Any) -> str:
    """Canonical JSON: sorted keys, no spaces, dataclasses as objects."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=asdict)


def address(row: dict[str, Any] | None) -> CivicAddress | None:
    return None if row is None else CivicAddress(**row)


def user(row: dict[str, Any]) -> User:
    row["barred"] = tuple(row["barred"])
    if row["forwarding"]:
        row["forwarding"] = tuple(Forwarding(**f) for f in row["forwarding"])
    else:
        row["forwarding"] = ()
    if row["address"] is not None:
        row["address"] = CivicAddress(**row["address"])
    return User(**row)


def customer(row: dict[str, Any]) -> Customer:
    """A customer as the snapshot gives it: its users and numbers have queries of their own."""
    row["blocked"] = tuple(row["blocked"])
    row["address"] = address(row["address"])
    row["users"] = tuple(user(u) for u in row.get("users", ()))
    row["numbers"] = tuple(Number(**n) for n in row.get("numbers", ()))
    return Customer(**row)


def trunk(row: dict[str, Any]) -> Trunk:
    row["addresses"] = tuple(row["addresses"])
    row["call_back_numbers"] = tuple(row.get("call_back_numbers", ()))  # a store of before
    if row.get("special"):
        special = row["special"]
        special["cloud_numbers"] = tuple(special["cloud_numbers"])
        special["blocked"] = tuple(special["blocked"])
        row["special"] = SpecialInterface(**special)
    return Trunk(**row)


def operator(row: dict[str, Any]) -> Operator:
    row["domains"] = tuple(row["domains"])
    row["blocks"] = tuple(row["blocks"])
    row["trunks"] = tuple(trunk(t) for t in row["trunks"])
    return Operator(**row)
