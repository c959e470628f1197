"""Message bodies: whether they hold SDP, what else, and bodies of several parts (RFC 2046, RFC 5621)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

SDP_TYPE = "application/sdp"
_BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"]+)"|([^\s;,]+))', re.IGNORECASE)
_TYPE = re.compile(r"^(?:content-type|c)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_BLANK_LINE = re.compile(r"\r?\n\r?\n")
_LOOSE_SDP = re.compile(r"^v=0\r?\n(?:[a-z]=[^\r\n]*\r?\n?)+", re.MULTILINE)
_DEPTH = 3
"""Multipart bodies within multipart bodies that are looked into."""
_MOST_TYPES, _LONGEST_TYPE = 5, 60


def holds_sdp(content_type: str, body: str) -> bool:
    """Whether a session description is in this body, alone or as a part."""
    lowered = content_type.lower()
    if "multipart/" in lowered:
        return SDP_TYPE in body.lower()
    return bool(body) and SDP_TYPE in lowered


def split_sdp(content_type: str, body: str) -> tuple[str, list[str]]:
    """(the session description, "" when there is none; the media types of everything else).

    Of a multipart body that is broken, what looks like a session description is taken.
    """
    sdp, others = "", []
    for kind, text in _leaves(content_type, body, _DEPTH):
        if kind == SDP_TYPE and not sdp:
            sdp = text
        else:
            others.append(kind[:_LONGEST_TYPE])
    if not sdp and "multipart/" in content_type.lower() and (found := _LOOSE_SDP.search(body)):
        sdp = found.group()
    return sdp, sorted(set(others))[:_MOST_TYPES]


def multipart(parts: Iterable[str]) -> tuple[str, str]:
    """(Content-Type, body) of these parts, each its headers, an empty line and its text."""
    found = list(parts)
    boundary = "kiestoon-emergency"
    while any(boundary in part for part in found):
        boundary += "-x"
    text = "".join(f"--{boundary}\r\n{part}\r\n" for part in found) + f"--{boundary}--\r\n"
    # A NUL would end the string on its way into Kamailio.
    return f"multipart/mixed;boundary={boundary}", text.replace("\0", "")


def _leaves(content_type: str, body: str, depth: int) -> Iterator[tuple[str, str]]:
    """(media type, text) of each part that is no multipart itself."""
    kind = content_type.partition(";")[0].strip().lower()
    if not body or not kind:
        return
    found = _BOUNDARY.search(content_type) if kind.startswith("multipart/") and depth else None
    if found is None:
        yield kind, body
        return
    mark = "--" + (found.group(1) or found.group(2))
    for piece in re.split(r"\r?\n" + re.escape(mark), "\n" + body)[1:]:
        if piece.startswith("--"):
            return
        head, _, text = _parted(piece)
        named = _TYPE.search(head)
        yield from _leaves(named.group(1) if named else "text/plain", text, depth - 1)


def _parted(piece: str) -> tuple[str, str, str]:
    """(headers, the empty line, text) of a part; its headers may be missing (RFC 2046 section 5.1)."""
    if found := re.match(r"[ \t]*\r?\n\r?\n", piece):
        return "", found.group(), piece[found.end() :]
    found = _BLANK_LINE.search(piece)
    if found is None:
        return piece, "", ""
    return piece[: found.start()], found.group(), piece[found.end() :]
