"""What an engine prints (Kamailio, rtpengine, PostgreSQL) as log lines of ours, without values.

An engine quotes what it could not read: a whole SIP message, a row. Where it says so in its own source is
kept, with the words before the first value; the engine's own line is not.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from kiestoon.vocabulary.log_line import LEVELS, line

_KAMAILIO = re.compile(
    r"^\s*(?P<child>\d+)\((?P<pid>\d+)\) (?P<level>[A-Z]+):(?: \{[^}]*\})? (?P<module>\S+)"
    r"(?: \[(?P<place>[^\]]+)\]: (?P<function>\w+)\(\))?:? ?(?P<text>.*)$"
)
_RTPENGINE = re.compile(
    r"^(?:\[[\d.]+\] )?(?P<level>EMERG|ALERT|CRIT|ERR|WARNING|WARN|NOTICE|INFO|DEBUG): "
    r"(?:\[(?P<call>[^\s\]/]+)[^\]]*\]: ?)?(?P<text>.*)$"
)
_POSTGRES = re.compile(r"^\d{4}-\d\d-\d\d [\d:.]+ \w+ \[\d+\] (?P<level>[A-Z0-9]+): {1,2}(?P<text>.*)$")
_LEVELS = {
    "EMERG": "critical",
    "ALERT": "critical",
    "CRIT": "critical",
    "CRITICAL": "critical",
    "BUG": "critical",
    "PANIC": "critical",
    "FATAL": "error",
    "ERR": "error",
    "ERROR": "error",
    "WARNING": "warning",
    "WARN": "warning",
    "DEBUG": "debug",
}
_VALUE = re.compile(r"""[<>"'\[({=:;]|\d{3}|\S*@""")
_NUMBER = re.compile(r"\+?\d{4,}")
MAX_TEXT = 300
MAX_LINE = 64 << 10
MOST_A_SECOND = 200
PIPE_BYTES = 1 << 20
EACH_MINUTE = 10
"""Lines of one kind from one place written in a minute; the others are counted."""
MOST_KINDS = 500


def kamailio(text: str) -> str | None:
    """None for what has no level: its start-up banner, and the rest of a message it quotes."""
    found = _KAMAILIO.match(text)
    if found is None:
        return None
    begin = text.find('{"time"')
    if begin >= 0 and (ours := _ours(text[begin:])):
        return ours
    # Process 0 starts the others and never sees a message: what it says is about configuration. Its pid is
    # asked for as well: a line of a quoted message can begin like this.
    is_first = found["child"] == "0" and found["pid"] == os.environ.get("KIESTOON_ENGINE_PID", found["pid"])
    said = found["text"] if is_first else _words(found["text"])
    place = " ".join(filter(None, (found["place"], found["function"])))
    if place.startswith("core/mem/"):  # addresses and places in its source, which say what is broken
        said = f"process {found['child']}: {found['text']}"
        return line("edge", _level(found["level"]), "kamailio-memory", place=place, text=said[:MAX_TEXT])
    return line("edge", _level(found["level"]), _event(found["module"]), place=place, text=_masked(said))


def rtpengine(text: str) -> str | None:
    found = _RTPENGINE.match(text)
    if found is None:
        return None
    fields: dict[str, Any] = {"text": _masked(_words(found["text"]) if found["call"] else found["text"])}
    if found["call"]:
        fields["sip_call_id"] = found["call"]
    return line("media", _level(found["level"]), "rtpengine", **fields)


def postgres(text: str) -> str | None:
    """Errors of statements are not logged (`log_min_messages`): whoever sent the statement logs them."""
    found = _POSTGRES.match(text)
    if found is None:
        return None
    return line("postgres", _level(found["level"]), "postgresql", text=_masked(found["text"]))


READERS: dict[str, Callable[[str], str | None]] = {
    "edge": kamailio,
    "media": rtpengine,
    "postgres": postgres,
}


def _ours(text: str) -> str | None:
    """A line of the edge's script, which came through Kamailio's log."""
    with contextlib.suppress(ValueError):
        row = json.loads(text)
        if isinstance(row, dict) and row.get("process") == "edge" and row.get("level") in LEVELS:
            return text.rstrip()
    return None


def _level(word: str) -> str:
    return _LEVELS.get(word, "info")


def _event(module: str) -> str:
    return "kamailio" if module == "<core>" else f"kamailio-{module.strip('<>:')}"


def _words(text: str) -> str:
    """What comes before the first value."""
    found = _VALUE.search(text)
    return text[: found.start()].strip() if found else text


def _masked(text: str) -> str:
    return _NUMBER.sub("…", text)[:MAX_TEXT]


def divert(name: str) -> None:
    """Let another process write what this one prints from now on; not a child, which an engine would reap."""
    reading, writing = os.pipe()
    os.environ["KIESTOON_ENGINE_PID"] = str(os.getpid())
    with contextlib.suppress(OSError):  # above the limit of an unprivileged user
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    if pid := os.fork():
        os.waitpid(pid, 0)
    else:
        os.setsid()
        if os.fork():
            os._exit(0)
        os.close(writing)
        os.dup2(reading, 0)
        os.close(reading)
        os.execv(sys.executable, [sys.executable, "-m", "kiestoon.stack.engine_log", name])
    os.close(reading)
    if name == "edge":
        # A SIP worker does not wait: what comes faster than it is read, from strangers, is lost.
        os.set_blocking(writing, False)
    os.dup2(writing, 1)
    os.dup2(writing, 2)
    os.close(writing)


class Repeats:
    """Keeps a flood of one kind of line from filling the disk."""

    def __init__(self) -> None:
        self._minute = 0
        self._seen: dict[str, int] = {}

    def written(self, text: str, now: float) -> bool:
        """Whether the line, whose time and ids do not count, is one of the first of its kind this minute."""
        if int(now // 60) != self._minute:
            self._minute = int(now // 60)
            self._seen.clear()
        kind = _VARYING.sub("", text)
        if kind not in self._seen and len(self._seen) >= MOST_KINDS:
            return False
        self._seen[kind] = count = self._seen.get(kind, 0) + 1
        return count <= EACH_MINUTE


_VARYING = re.compile(r'"(?:time|call_id|sip_call_id)":"[^"]*",?')


class Copier:
    """Turns what an engine prints into lines; what comes faster than MOST_A_SECOND is only counted.

    So is what the edge repeats. An engine waits when nobody reads what it prints: whoever floods must not
    be able to slow it by that.
    """

    def __init__(self, name: str, write: Callable[[str], object]) -> None:
        self._name = name
        self._read = READERS[name]
        self._write = write
        self._repeats = Repeats()
        self._rest = b""
        self._second = 0
        self._taken = 0
        self._left_out = 0

    def take(self, data: bytes, second: int) -> None:
        """Some bytes, which may end within a line; `second` of any clock that does not jump."""
        self.pass_second(second)
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > MAX_LINE:
            self._rest = b""
        for raw in lines:
            if self._taken >= MOST_A_SECOND:
                self._left_out += 1
                continue
            self._taken += 1
            # A line that cannot be understood is left out.
            with contextlib.suppress(Exception):
                text = self._read(raw.decode(errors="replace"))
                if text and self._name == "edge" and not self._repeats.written(text, second):
                    self._left_out += 1
                elif text:
                    self._write(text + "\n")

    def pass_second(self, second: int) -> None:
        """A new second has its own allowance, and says what was left out in the one before."""
        if second == self._second:
            return
        if self._left_out:
            self._write(line(self._name, "warning", "lines-left-out", count=self._left_out) + "\n")
        self._second, self._taken, self._left_out = second, 0, 0


def main(name: str) -> None:
    """Copy until the engine and all its children are gone."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    copier = Copier(name, sys.stdout.write)
    while data := os.read(0, MAX_LINE):
        copier.take(data, int(time.monotonic()))
        sys.stdout.flush()
    copier.pass_second(-1)
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
