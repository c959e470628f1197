"""The codes that withhold or show the number of one call (WEC art. 130); dialled before the number."""

from __future__ import annotations

from typing import Final

HIDE_NUMBER: Final = ("#31#",)
SHOW_NUMBER: Final = ("*31#", "*31*")


def without_clir_code(dialled: str) -> tuple[str, bool | None]:
    """(what follows the code, whether the number is withheld; None when no code was dialled).

    >>> without_clir_code("#31#112"), without_clir_code("112")
    (('112', True), ('112', None))
    """
    for code in HIDE_NUMBER:
        if dialled.startswith(code):
            return dialled[len(code) :], True
    for code in SHOW_NUMBER:
        if dialled.startswith(code):
            return dialled[len(code) :], False
    return dialled, None
