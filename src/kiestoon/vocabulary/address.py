"""Civic addresses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CivicAddress:
    """A civic address, fields named as in RFC 5139; `country` is ISO 3166-1 alpha-2.

    A1 is the province, A2 the arrondissement, A3 the municipality, A4 its part; LOC says more, as "rear
    entrance"; NAM is the occupant, BLD the building, FLR the floor, UNIT the box.
    """

    country: str
    A3: str
    RD: str
    HNO: str
    PC: str
    A1: str = ""
    HNS: str = ""
    UNIT: str = ""
    A2: str = ""
    A4: str = ""
    LOC: str = ""
    FLR: str = ""
    NAM: str = ""
    BLD: str = ""
    ROOM: str = ""
