"""Text within XML documents: whatever a customer typed, the document stays well-formed."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters XML 1.0 has no place for, not even escaped."""


def text(value: str) -> str:
    return escape(_NOT_XML.sub(" ", value))


def attribute(value: str) -> str:
    """For between double quotes."""
    return text(value).replace('"', "&quot;")
