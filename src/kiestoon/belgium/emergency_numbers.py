"""Belgian emergency services as dated data.

Source: RD of 2 February 2007 (numac 2007011053), art. 2, state in force 1 April 2024. 105 (Red Cross)
is not in the list.
"""

from __future__ import annotations

from typing import Final, Literal

EmergencyClass = Literal["on-site", "remote"]

SOURCE: Final = "RD of 2 February 2007, art. 2 (state of 1 April 2024)"

ON_SITE: Final[dict[str, str]] = {
    "100": "medical emergency, fire, civil protection",
    "101": "police",
    "112": "emergency centre",
}
"""Services that come to the place; short number to service."""

REMOTE_SHORT: Final[dict[str, str]] = {
    "102": "child helpline",
    "103": "child helpline",
    "104": "child helpline",
    "106": "Tele-Onthaal",
    "107": "Télé-Accueil",
    "108": "Telefonhilfe",
    "110": "missing and exploited children",
    "116000": "missing and exploited children",
    "1712": "violence helpline",
    "1813": "suicide prevention",
}
REMOTE_E164: Final[dict[str, str]] = {
    "+3270245245": "poison centre",
    "+3280032123": "suicide prevention",
    "+3226499555": "suicide prevention",
    "+3280030030": "Ecoute Violences Conjugales",
    "+3280098100": "SOS Viol",
}
"""Services that help from a distance: free, never barred, calling number only."""

SOS_URN: Final[dict[str, str]] = {"police": "101", "fire": "112", "ambulance": "112"}
"""RFC 5031 service labels below urn:service:sos; any other label is 112."""
