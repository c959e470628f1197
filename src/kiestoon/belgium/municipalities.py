"""The municipalities of Belgium with their NIS codes and postcodes; origin in data/README.md.

Names are compared without case, accents and hyphens: "Liège", "LIEGE" and "liege" are one.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

PROVINCES: dict[str, str] = {
    "10000": "Antwerpen",
    "20001": "Vlaams-Brabant",
    "20002": "Brabant wallon",
    "30000": "West-Vlaanderen",
    "40000": "Oost-Vlaanderen",
    "50000": "Hainaut",
    "60000": "Liège",
    "70000": "Limburg",
    "80000": "Luxembourg",
    "90000": "Namur",
    "04000": "Brussels-Capital Region",
}
"""Provinces by NIS code; Brussels is in none and stands by its region's code."""

FRENCH_SPEAKING = frozenset({"20002", "50000", "60000", "80000", "90000"})
"""Provinces of Wallonia."""
GERMAN_SPEAKING = frozenset({"63001", "63012", "63013", "63023", "63040", "63048", "63061", "63067", "63087"})
"""The German-speaking Community's nine municipalities: their German name stands in the Dutch column."""


@dataclass(frozen=True, slots=True)
class Municipality:
    """`province` is a key of PROVINCES."""

    nis: str
    nl: str
    fr: str
    province: str
    postcodes: tuple[str, ...]

    @property
    def official(self) -> str:
        """Its name in the language spoken there; the Dutch one in Brussels."""
        is_french = self.province in FRENCH_SPEAKING and self.nis not in GERMAN_SPEAKING
        return self.fr if is_french else self.nl

    @property
    def both(self) -> str:
        """Its Dutch and its French name, once when they are the same."""
        return self.nl if self.nl == self.fr else f"{self.nl} / {self.fr}"

    def spelled(self, name: str) -> str:
        """Its name in the language in which it was written, with its own capitals and accents."""
        return self.fr if _plain(name) == _plain(self.fr) else self.nl

    def name(self, language: str) -> str:
        """Its name in French for "fr", else the Dutch one, which is German where German is spoken."""
        return self.fr if language == "fr" else self.nl


@cache
def municipalities() -> tuple[Municipality, ...]:
    """All of them, by NIS code."""
    with (files("kiestoon.belgium") / "data" / "municipalities.csv").open(encoding="utf-8") as lines:
        return tuple(
            Municipality(
                r["nis"], r["nl"], r["fr"], r["province"] or r["region"], tuple(r["postcodes"].split())
            )
            for r in csv.DictReader(lines)
        )


def at_postcode(postcode: str) -> tuple[Municipality, ...]:
    """Municipalities that have this postcode; several share one (1050 is of Brussels and of Ixelles)."""
    return _by_postcode().get(postcode, ())


def find(postcode: str, name: str) -> Municipality | None:
    """The municipality of this name that has this postcode; None when the two do not belong together.

    >>> find("2000", "antwerpen").nis, find("2000", "Anvers").nis, find("2000", "Gent")
    ('11002', '11002', None)
    """
    wanted = _plain(name)
    for one in at_postcode(postcode):
        if wanted in (_plain(one.nl), _plain(one.fr)):
            return one
    return None


def named(name: str) -> tuple[Municipality, ...]:
    """Municipalities of this name, in Dutch or in French, wherever they are."""
    wanted = _plain(name)
    return tuple(one for one in municipalities() if wanted in (_plain(one.nl), _plain(one.fr)))


def nis_of(postcode: str, name: str) -> str:
    """NIS code of the place an address is in; "" when it cannot be told.

    A postcode that one municipality has says enough: people write the name of a village.
    """
    found = find(postcode, name)
    if found is not None:
        return found.nis
    there = at_postcode(postcode)
    return there[0].nis if len(there) == 1 else ""


@cache
def _by_postcode() -> dict[str, tuple[Municipality, ...]]:
    found: dict[str, tuple[Municipality, ...]] = {}
    for one in municipalities():
        for postcode in one.postcodes:
            found[postcode] = (*found.get(postcode, ()), one)
    return found


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[^a-z0-9]", "", decomposed)
