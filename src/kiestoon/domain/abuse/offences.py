"""Offences of one source within a minute, how many are borne, and how long a ban lasts."""

from __future__ import annotations

from collections.abc import Collection

WRONG_PASSWORD = "wrong-password"
UNKNOWN_USER = "unknown-user"
UNANSWERED = "unanswered-challenge"
MALFORMED = "malformed"
SCANNER = "scanner"
CONNECTIONS = "connections"
MISSED = "number-missed"

LIMITS = {
    WRONG_PASSWORD: 20,
    UNKNOWN_USER: 10,
    UNANSWERED: 500,
    MALFORMED: 60,
    SCANNER: 0,
    CONNECTIONS: 2,
}
"""So many are borne within a minute, the next brings a ban. Unknown users are counted once each; a connection
offence is a look at the connections, twice a second, that found more than one source may have."""

MISSED_LIMIT = 30
"""Numbers that do not exist, called by one user within a minute, before that user's calls are put off."""
MISSED_SECONDS = 60
TEST_CALLS = 12
"""Test calls to emergency services of one user within a minute; a drill makes six by one line."""
GUESSED = 10
"""Wrong passwords for one user within five minutes, from wherever, before each further guess is slowed."""
GUESSED_SECONDS = 300

FIRST_BAN_SECONDS = 300
LONGEST_BAN_SECONDS = 86_400
BANNED_BEFORE_SECONDS = 2 * LONGEST_BAN_SECONDS
"""How long it is remembered that a source was banned; its next ban is longer."""
GROWTH = 4

KNOWN_SECONDS = 7200
"""How long a sender who proved who it is counts as known: the longest registration."""

SCANNERS = (
    "friendly-scanner",
    "sipvicious",
    "sundayddr",
    "sip-scan",
    "sipcli",
    "iwar",
    "pplsip",
    "vaxsipuseragent",
)
"""Parts of User-Agents no telephone has; they add little, as a scanner can name itself as it likes."""


def brings_ban(offence: str, count: int) -> bool:
    """Whether the `count`-th offence of this kind within the minute is one too many."""
    return count > LIMITS[offence]


def ban_seconds(times: int, first: int = FIRST_BAN_SECONDS) -> int:
    """How long the `times`-th ban of a source lasts; `first` is the length of the first one."""
    longest = max(first, LONGEST_BAN_SECONDS)
    for _ in range(1, times):
        first = min(first * GROWTH, longest)
    return first


def guess_wait_seconds(wrong: int) -> int:
    """How long a source waits after its `wrong`-th wrong password for a user who is being guessed.

    The first try of any source is always heard, so that the true phone gets in wherever it is.
    """
    return min(1 << min(wrong, 10), GUESSED_SECONDS)


def journalled(count: int) -> int:
    """How many offences the journal entry written at the `count`-th stands for; 0 when none is written.

    The first ten are written one by one, then at 16, 32, 64…: an attacker must not fill the disk.
    """
    if count <= 10:
        return 1
    if count & (count - 1):
        return 0
    return count - max(10, count // 2)


def is_scanner(user_agent: str, names: Collection[str] = SCANNERS) -> bool:
    lowered = user_agent.lower()
    return any(name in lowered for name in names)
