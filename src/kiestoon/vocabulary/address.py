"""Civic addresses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CivicAddress:
    """A civic address, fields named as in RFC 5139; `country` is ISO 3166-1 alpha-2."""

    country: str
    A3: str
    RD: str
    HNO: str
    PC: str
    A1: str = ""
    HNS: str = ""
    UNIT: str = ""
