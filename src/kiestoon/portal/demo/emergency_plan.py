"""The demo's emergency routing table: one area a province, two paths each, all to one simulated centre.

That there is one centre for each province but Walloon Brabant, and one for Brussels, is [S] (docs/law);
Walloon Brabant's is not known to us, and real routing numbers are not public: all is marked "to verify".
"""

from __future__ import annotations

from typing import Any

from kiestoon.belgium.municipalities import municipalities
from kiestoon.domain.emergency.drill import LIMIT_DAYS
from kiestoon.domain.emergency.table import SERVICES

ORIGIN = "Demo world: areas by province; no real routing numbers"
WALLOON_BRABANT = "20002"

AREAS: tuple[tuple[str, str, tuple[str, str, str, str]], ...] = (
    ("antwerpen", "10000", ("Antwerpen", "Anvers", "Antwerpen", "Antwerp")),
    ("brussels", "04000", ("Brussel", "Bruxelles", "Brüssel", "Brussels")),
    ("vlaams-brabant", "20001", ("Vlaams-Brabant", "Brabant flamand", "Flämisch-Brabant", "Flemish Brabant")),
    ("brabant-wallon", "20002", ("Waals-Brabant", "Brabant wallon", "Wallonisch-Brabant", "Walloon Brabant")),
    ("west-vlaanderen", "30000", ("West-Vlaanderen", "Flandre occidentale", "Westflandern", "West Flanders")),
    ("oost-vlaanderen", "40000", ("Oost-Vlaanderen", "Flandre orientale", "Ostflandern", "East Flanders")),
    ("hainaut", "50000", ("Henegouwen", "Hainaut", "Hennegau", "Hainaut")),
    ("liege", "60000", ("Luik", "Liège", "Lüttich", "Liège")),
    ("limburg", "70000", ("Limburg", "Limbourg", "Limburg", "Limburg")),
    ("luxembourg", "80000", ("Luxemburg", "Luxembourg", "Luxemburg", "Luxembourg")),
    ("namur", "90000", ("Namen", "Namur", "Namür", "Namur")),
)
"""Key, NIS code of the province (of Brussels: the region), names in nl, fr, de and en."""
PATHS = (("emergency", 1), ("emergency-partner", 2))
DRILLS: dict[str, Any] = {
    "number": "+3238080900",
    "limit_days": LIMIT_DAYS,
    "report_url": "http://127.0.1.112:8112/calls",
    "report_paths": {"own": "emergency", "partner": "emergency-partner"},
}


def areas_csv() -> str:
    lines = ["key,name_nl,name_fr,name_de,name_en,municipalities,to_verify,origin"]
    for key, province, names in AREAS:
        codes = " ".join(one.nis for one in municipalities() if one.province == province)
        origin = "Which centre is competent is not known to us" if province == WALLOON_BRABANT else ""
        lines.append(",".join((key, *names, codes, "yes", origin)))
    return "\n".join(lines) + "\n"


def routes_csv() -> str:
    lines = ["service,area,trunk,request_user,rank,valid_from,valid_until,testing,to_verify,origin"]
    for key in (area[0] for area in AREAS):
        for service in SERVICES:
            for trunk, rank in PATHS:
                lines.append(f"{service},{key},{trunk},,{rank},,,yes,yes,")
    return "\n".join(lines) + "\n"
