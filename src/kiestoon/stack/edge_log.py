"""PROCESS of the edge's log: what Kamailio writes, without what strangers sent.

Kamailio quotes what it cannot parse: headers with names and numbers. Of what its workers write, the place in
its source stays, which also tells the kind of error; the text stays where it is ours or the main process's.
Lines of one place are counted after the first few of a minute. Nobody waits for this: the pipe drops what is
too much.
"""

from __future__ import annotations

import fcntl
import os
import re
import sys
import time

PIPE_BYTES = 1 << 20
EACH_MINUTE = 10
"""Lines of one place written in a minute."""
MOST_PLACES = 500
_LINE = re.compile(r"^\s*(\d+)\((\d+)\) ([A-Z]+): (.*)$")
_PLACE = re.compile(r"^(?:<core>|\w+) \[[\w./-]+:\d+\]: \w+\(\)")
_OURS = re.compile(r"^<core> \[core/kemi\.c:\d+\]: sr_kemi_core_\w+\(\): ([\w .,:;'()/-]{1,200})$")
_DIGITS = re.compile(r"\d{5,}")


class Filter:
    """`line` gives what to write of one line, or None. `main` is the pid of Kamailio's main process."""

    def __init__(self, main: int) -> None:
        self._main = str(main)
        self._started = False
        self._minute = 0
        self._seen: dict[str, int] = {}

    def line(self, text: str, now: float) -> str | None:
        found = _LINE.match(text)
        if found is None:
            return None if self._started else text  # later, the rest of something quoted
        number, pid, level, rest = found.groups()
        if number == "0" and pid == self._main:
            return text
        self._started = True
        ours = _OURS.match(rest)
        if ours:
            shown = _DIGITS.sub("…", ours.group(1))
        else:
            place = _PLACE.match(rest)
            shown = place.group(0) if place else "(no place)"
        return self._counted(f"{level}: {shown}", now)

    def _counted(self, shown: str, now: float) -> str | None:
        if int(now // 60) != self._minute:
            self._minute = int(now // 60)
            self._seen.clear()
        count = self._seen.get(shown, 0) + 1
        if count == 1 and len(self._seen) >= MOST_PLACES:
            return None
        self._seen[shown] = count
        if count > EACH_MINUTE:
            return f"{shown}, {count} times this minute" if count % 1000 == 0 else None
        return shown


def start() -> None:
    """Put a filter between this process's output and its log; what is executed next writes through it.

    The filter is nobody's child here: Kamailio ends when a child does.
    """
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    main = os.getpid()
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            os.dup2(reading, 0)
            os.execv(sys.executable, [sys.executable, "-m", "kiestoon.stack.edge_log", str(main)])
        os._exit(0)
    os.waitpid(child, 0)
    os.set_blocking(writing, False)
    os.dup2(writing, 1)
    os.dup2(writing, 2)
    os.close(reading)
    os.close(writing)


def main(pid: int) -> None:
    kept = Filter(pid)
    for raw in sys.stdin.buffer:
        shown = kept.line(raw.decode(errors="replace").rstrip("\r\n"), time.time())
        if shown is not None:
            print("".join(c if c.isprintable() else " " for c in shown), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
