"""Message bodies: whether they hold SDP, and one more part beside what is there (RFC 2046, RFC 5621)."""

from __future__ import annotations

import re

SDP_TYPE = "application/sdp"
_BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"]+)"|([^\s;,]+))', re.IGNORECASE)


def holds_sdp(content_type: str, body: str) -> bool:
    """Whether a session description is in this body, alone or as a part."""
    lowered = content_type.lower()
    if "multipart/" in lowered:
        return SDP_TYPE in body.lower()
    return bool(body) and SDP_TYPE in lowered


def with_part(content_type: str, body: str, part: str) -> tuple[str, str]:
    """(Content-Type, body) with `part` (its headers, an empty line, its text) after what was there."""
    parts = [*_parts(content_type, body), part]
    boundary = "kiestoon-emergency"
    while any(boundary in p for p in parts):
        boundary += "-x"
    text = "".join(f"--{boundary}\r\n{p}\r\n" for p in parts) + f"--{boundary}--\r\n"
    # A NUL would end the string on its way into Kamailio.
    return f"multipart/mixed;boundary={boundary}", text.replace("\0", "")


def _parts(content_type: str, body: str) -> list[str]:
    if not body or not content_type:
        return []
    found = _BOUNDARY.search(content_type) if "multipart/" in content_type.lower() else None
    if found is None:
        return [f"Content-Type: {content_type}\r\n\r\n{body}"]
    mark = "--" + (found.group(1) or found.group(2))
    pieces = ("\r\n" + body).split("\r\n" + mark)
    return [p.removeprefix("\r\n") for p in pieces[1:] if not p.startswith("--")]
