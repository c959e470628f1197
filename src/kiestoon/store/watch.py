"""Waiting for a journal directory to change without polling: inotify, or a clock where it is missing."""

from __future__ import annotations

import ctypes
import os
import select
import struct
import time
from pathlib import Path

_MODIFY, _CLOSE_WRITE, _MOVED_TO, _CREATE = 0x2, 0x8, 0x80, 0x100
_OVERFLOW = 0x4000
_EVENT = struct.Struct("iIII")
_SUFFIXES = (".open", ".sealed")
POLL_SECONDS = 0.2
"""Without inotify (a kernel limit reached) the directory counts as changed this often."""


class SegmentWatch:
    """Says which segments in a directory were written to, closed or renamed. Linux inotify(7)."""

    def __init__(self, directory: Path) -> None:
        self._fd = -1
        libc = ctypes.CDLL(None, use_errno=True)
        fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if fd >= 0:
            mask = _MODIFY | _CLOSE_WRITE | _MOVED_TO | _CREATE
            if libc.inotify_add_watch(fd, os.fsencode(directory), mask) >= 0:
                self._fd = fd
            else:
                os.close(fd)

    def wait(self, timeout: float) -> set[str] | None:
        """Names of the segments (without suffix) changed since the last call; None when it may be any.

        Blocks at most `timeout` seconds; an empty set means that nothing changed.
        """
        if self._fd < 0:
            time.sleep(min(timeout, POLL_SECONDS))
            return None
        deadline = time.monotonic() + timeout
        while True:
            left = max(0.0, deadline - time.monotonic())
            if not select.select([self._fd], [], [], left)[0]:
                return set()
            names = self._read()
            if names is None or names:
                return names

    def _read(self) -> set[str] | None:
        names: set[str] = set()
        complete = True
        while True:
            try:
                data = os.read(self._fd, 64 << 10)
            except BlockingIOError:
                return names if complete else None
            at = 0
            while at < len(data):
                _, mask, _, length = _EVENT.unpack_from(data, at)
                complete = complete and not mask & _OVERFLOW
                name = data[at + _EVENT.size : at + _EVENT.size + length].rstrip(b"\0")
                stem, suffix = os.path.splitext(os.fsdecode(name))
                if suffix in _SUFFIXES:
                    names.add(stem)
                at += _EVENT.size + length

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
