"""Who is let in: bans, offences that lead to them, and overload. On-site emergency calls are not asked.

What is counted lies in Kamailio's hash tables, shared by all workers; each entry expires by itself.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from zlib import crc32

from kiestoon.domain.abuse import offences
from kiestoon.domain.abuse.overload import STRANGERS_MS, Queue, is_put_off, retry_after_seconds
from kiestoon.edge import ksr
from kiestoon.edge.ksr import K
from kiestoon.edge.load import Load
from kiestoon.store.recorder import Recorder
from kiestoon.vocabulary.ban import Ban, source_of

_SURE_SECONDS = 60.0
"""How long one worker believes that a sender is known without asking the table."""
_SURE_MOST = 20_000
MOST_BANS = 20_000
"""More are placed by somebody who forges his address; they would only fill the memory."""
NOTES_A_SECOND = 50
"""Security events one worker journals in a second; the rest is counted in one more."""


SAID_A_SECOND = 200
"""503s one worker says in a second. Beyond that, strangers' datagrams are dropped unread for a second:
parsing them would keep the queue standing before those who are never put off."""


class Gate:
    """One per edge process. `is_trunk(address, port)` tells carriers, which are never banned."""

    def __init__(self, recorder: Recorder, is_trunk: Callable[[str, int], bool]) -> None:
        self._recorder = recorder
        self._is_trunk = is_trunk
        self._load = Load()
        self._queue = Queue()
        self._udp: bool | None = None
        self._sure: dict[str, float] = {}
        self._second = self._noted = self._unnoted = 0
        self._put_off = 0
        self._put_off_second = 0
        self._first_ban = int(os.environ.get("KIESTOON_BAN_SECONDS", offences.FIRST_BAN_SECONDS))
        given = os.environ.get("KIESTOON_SCANNER_AGENTS")
        names = offences.SCANNERS if given is None else given.lower().split(",")
        self._scanners = tuple(name.strip() for name in names if name.strip())

    # ------------------------------------------------------------- at the door

    def begin(self) -> None:
        self._load.begin()

    def end(self) -> None:
        self._load.end()

    def refuses(self, method: str) -> bool:
        """Whether this request goes no further: its sender is banned, or there is no time for it."""
        if not self._is_udp():
            K.set_reply_no_connect()  # a stranger's Via must not make us connect to anybody
        if K.htable.sht_get("ban", _source()) is not None and not self.is_known():
            if not self._is_udp():
                K.tcpops.tcp_close_connection()
            return True
        waited = self._load.waited_ms(self._is_udp(), ksr.text("$Ri").strip("[]"), int(ksr.get("$Rp") or 0))
        standing = self._queue.standing_ms(waited, time.monotonic())
        if standing <= STRANGERS_MS or not is_put_off(standing, self.is_known()):
            return False
        if K.htable.sht_get("trunk", ksr.text("$si")) == "emergency":
            return False  # a centre calls back
        if method == "INVITE" and K.tmx.t_precheck_trans() > 0:
            K.tm.t_check_trans()  # repeated, and already being served
            return True
        self._later("Overloaded")
        self._note_put_off()
        return True

    def unreadable(self) -> None:
        """What came in could not be parsed."""
        self.offence(offences.MALFORMED)
        if not self._is_udp():
            K.tcpops.tcp_close_connection()

    def _is_udp(self) -> bool:
        if self._udp is None:  # a worker reads one kind of socket all its life
            self._udp = ksr.text("$proto") == "udp"
        return self._udp

    def _note_put_off(self) -> None:
        self._put_off += 1
        if self._put_off > SAID_A_SECOND and self._is_udp():
            K.htable.sht_seti("deaf", "now", 1)
        second = int(time.monotonic())
        if second != self._put_off_second:
            self._recorder.event("security", "", "", src="", what="overload", user="", n=self._put_off)
            self._put_off, self._put_off_second = 0, second

    # --------------------------------------------------------- who is known

    def is_known(self) -> bool:
        """Whether credentials were right from this very address and port lately."""
        sender = _sender()
        if self._sure.get(sender, 0.0) > time.monotonic():
            return True
        if K.htable.sht_get("known", sender) is None:
            return False
        self._believe(sender)
        return True

    def remember(self) -> None:
        """The sender has proved who it is."""
        sender = _sender()
        if self._sure.get(sender, 0.0) > time.monotonic():
            return
        K.htable.sht_seti("known", sender, 1)
        K.htable.sht_rm("offence", f"{offences.UNANSWERED}:{_source()}")
        self.prolong()
        self._believe(sender)

    def prolong(self) -> None:
        """Keep the connection at hand, which would end after a minute of silence."""
        if not self._is_udp():
            K.tcpops.tcp_set_connection_lifetime(offences.KNOWN_SECONDS)

    def _believe(self, sender: str) -> None:
        if len(self._sure) >= _SURE_MOST:
            self._sure.clear()
        self._sure[sender] = time.monotonic() + _SURE_SECONDS

    # ------------------------------------------------------------ offences

    def stranger(self, name: str, exists: bool) -> bool:
        """A request without credentials, or with those of `name`, is about to be challenged.

        Returns whether the sender is still worth a challenge.
        """
        if self.is_known():
            return True
        if offences.is_scanner(ksr.text("$ua"), self._scanners):
            return not self.offence(offences.SCANNER)
        if not exists and self._is_new(name) and self.offence(offences.UNKNOWN_USER, name):
            return False
        return not self.offence(offences.UNANSWERED, noted=False)

    def _is_new(self, name: str) -> bool:
        """Whether this source tries this unknown user for the first time within the minute."""
        key = f"{crc32(name.encode(errors='replace')):x}:{_source()}"
        return int(K.htable.sht_inc("tried", key) or 0) <= 1

    def wrong_password(self, username: str) -> None:
        """Count it against the source, and against whoever else guesses this user's password."""
        sender, source = _sender(), _source()
        K.htable.sht_rm("known", sender)
        self._sure.pop(sender, None)
        guessed = int(K.htable.sht_inc("guessed", _short(username)) or 0)
        if self.offence(offences.WRONG_PASSWORD, username) or guessed < offences.GUESSED:
            return
        key = f"{_short(username)}:{source}"
        wrong = int(K.htable.sht_inc("wrong", key) or 0)
        K.htable.sht_setxi("wait", key, 1, offences.guess_wait_seconds(wrong))

    def waits(self, username: str) -> bool:
        """Whether guesses for this user are slowed, and this source's next is not due; it has been told."""
        if K.htable.sht_get("wait", f"{_short(username)}:{_source()}") is None or self.is_known():
            return False
        self.offence(offences.WRONG_PASSWORD, username)
        self._later("Too Many Wrong Passwords")
        return True

    def number_missed(self, username: str) -> None:
        """An authenticated user called a number that does not exist."""
        count = int(K.htable.sht_inc("missed", _short(username)) or 0)
        if count == offences.MISSED_LIMIT:
            self._note(offences.MISSED, username)
        if count >= offences.MISSED_LIMIT:
            K.htable.sht_setxi("wait", f"call:{_short(username)}", 1, offences.MISSED_SECONDS)

    def tests_wait(self, username: str) -> bool:
        """Whether this user's test calls to emergency services are put off; it has been told."""
        count = int(K.htable.sht_inc("missed", f"test:{_short(username)}") or 0)
        if count <= offences.TEST_CALLS:
            return False
        self._later("Too Many Test Calls")
        return True

    def calls_wait(self, username: str) -> bool:
        """Whether this user's calls are put off because it searches for numbers; it has been told."""
        if K.htable.sht_get("wait", f"call:{_short(username)}") is None:
            return False
        self._later("Too Many Wrong Numbers")
        return True

    @staticmethod
    def _later(phrase: str) -> None:
        K.hdr.append_to_reply(f"Retry-After: {retry_after_seconds(ksr.text('$ci'))}\r\n")
        K.sl.send_reply(503, phrase)

    def offence(self, kind: str, username: str = "", *, noted: bool = True) -> bool:
        """Count one offence of the sender; whether it is banned for it now."""
        address, port = ksr.text("$si"), int(ksr.get("$sp") or 0)
        count = int(K.htable.sht_inc("offence", f"{kind}:{source_of(address)}") or 0)
        if noted and (stands_for := offences.journalled(count)):
            self._note(kind, username, stands_for)
        if not offences.brings_ban(kind, count):
            return False
        if self._is_trunk(address, port):
            return False
        self.ban(source_of(address), kind)
        return True

    # ------------------------------------------------------------------ bans

    def ban(self, source: str, kind: str) -> None:
        """Place a ban, longer each time; nothing for a source that is banned already."""
        if K.htable.sht_get("ban", source) is not None:
            return
        if int(K.htable.sht_get("sweep", "bans") or 0) >= MOST_BANS:
            self._note("too-many-bans", source=source)
            return
        times = int(K.htable.sht_inc("banned", source) or 1)
        seconds, now = offences.ban_seconds(times, self._first_ban), int(time.time())
        K.htable.sht_setxs("ban", source, Ban(source, kind, now, now + seconds, times).text(), seconds)
        for counted in offences.LIMITS:  # whose ban is undone begins anew
            K.htable.sht_rm("offence", f"{counted}:{source}")
        self._note(f"banned: {kind}", source=source)

    def _note(self, what: str, username: str = "", n: int = 1, *, source: str = "") -> None:
        second = int(time.monotonic())
        if second != self._second:
            if self._unnoted:
                self._recorder.event("security", "", "", src="", what="not-noted", user="", n=self._unnoted)
            self._second, self._noted, self._unnoted = second, 0, 0
        self._noted += 1
        if self._noted > NOTES_A_SECOND:
            self._unnoted += n
            return
        self._recorder.event("security", "", "", src=source or ksr.text("$si"), what=what, user=username, n=n)


def _source() -> str:
    return source_of(ksr.text("$si"))


def _sender() -> str:
    return f"{ksr.text('$si')}:{ksr.text('$sp')}"


def _short(name: str) -> str:
    """A user name as part of a key: what strangers send as one has any length."""
    return name if len(name) <= 64 else f"{crc32(name.encode(errors='replace')):x}"
