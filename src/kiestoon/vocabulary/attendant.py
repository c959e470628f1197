"""Where the attendant is and what the edge tells it by: known to both, which know nothing of each other."""

from __future__ import annotations

HOST, PORT = "127.0.0.1", 5070
"""SIP over TCP, loopback only."""
URI = f"sip:{HOST}:{PORT};transport=tcp"
RTP_PORTS = range(26000, 30000, 2)
"""Of its own plain RTP; the media relay's begin at 30000."""
HEADER = "X-Kiestoon-Announcement"
"""Of an INVITE from the edge: what to say, as `domain.routing.instruction` writes it. The edge removes it
from what comes from outside."""
LANGUAGES = ("nl", "fr", "de", "en")
