"""What a caller who withholds its number must not show: its name in Contact and in SDP.

The user part of its Contact is encrypted, so that a request of the other side, which carries it back as
Request-URI, can be given the real one again by any edge process, also after a restart.
"""

from __future__ import annotations

import hashlib
import re

_PREFIX = "h-"
_CHECK = 4
_CONTACT = re.compile(r"(<?)\s*(sips?:)([^@<>;\s]+)@", re.IGNORECASE)
_SESSION = re.compile(r"^(?:[uep]=.*|i=.*)\r?\n", re.MULTILINE)


class Cover:
    """Covers user parts with a key of the edge; every call has its own key stream."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def cover(self, user: str, call_id: str) -> str:
        plain = user.encode()
        hidden = bytes(a ^ b for a, b in zip(plain, self._stream(call_id, len(plain)), strict=True))
        return _PREFIX + (self._check(hidden, call_id) + hidden).hex()

    def uncover(self, covered: str, call_id: str) -> str | None:
        """The user part, or None when this is not a cover made for this call."""
        if not covered.startswith(_PREFIX):
            return None
        try:
            value = bytes.fromhex(covered[len(_PREFIX) :])
            hidden = value[_CHECK:]
            if value[:_CHECK] != self._check(hidden, call_id):
                return None
            return bytes(
                a ^ b for a, b in zip(hidden, self._stream(call_id, len(hidden)), strict=True)
            ).decode()
        except ValueError:
            return None

    def _stream(self, call_id: str, length: int) -> bytes:
        blocks = range((length + 63) // 64)
        return b"".join(
            hashlib.blake2b(f"{call_id}.{n}".encode(), key=self._key, person=b"cover").digest()
            for n in blocks
        )[:length]

    def _check(self, hidden: bytes, call_id: str) -> bytes:
        text = call_id.encode() + b"." + hidden
        return hashlib.blake2b(text, key=self._key, person=b"check", digest_size=_CHECK).digest()


def contact_user(contact: str) -> str:
    """The user part of the first URI of a Contact value, "" when it has none."""
    found = _CONTACT.search(contact)
    return found.group(3) if found else ""


def contact_change(contact: str, covered: str) -> tuple[str, str]:
    """(POSIX pattern, replacement) that puts `covered` in the place of a Contact header's user part."""
    found = _CONTACT.search(contact)
    assert found is not None
    pattern = rf"^(contact|m)[ \t]*:[^\r\n]*{re.escape(found.group(2) + found.group(3))}@"
    return pattern, f"Contact: {found.group(1)}{found.group(2)}{covered}@"


def without_names(sdp: str) -> str:
    """SDP without what may name its sender: the origin's user, session name, information, addresses."""
    text = re.sub(r"^o=\S+", "o=-", sdp, flags=re.MULTILINE)
    text = re.sub(r"^s=[^\r\n]*", "s=-", text, flags=re.MULTILINE)
    return _SESSION.sub("", text)
