"""OpenSSL's state of a thread, which Kamailio 5.6's processes would share and free twice.

OpenSSL 3 keeps errors and random numbers per thread. Kamailio gives it shared memory to keep them in, and
loads the certificates before it forks: every worker then has the same "own" state, and broken handshakes
in two of them at once destroy the heap: "qm_free(): BUG: freeing already freed pointer, called from tls",
and an abort. A worker that forgets what it inherited gets a state of its own when it first needs one.

Its errors are not kept at all. Those of a broken connection would lie there until Kamailio, before 5.7.3,
takes them for the errors of the next connection it reads, which it then ends with whatever was in it
(kamailio/kamailio pull request 3607).
"""

from __future__ import annotations

import ctypes
from pathlib import Path

_NO_ERRORS = ctypes.c_void_p(-1).value
"""What OpenSSL 3 keeps instead of a state while it makes one: until then, errors are not recorded."""
_MOST_KEYS = 1024
"""PTHREAD_KEYS_MAX of glibc."""


def forget_inherited(maps: str | None = None) -> int:
    """Drop this thread's values that lie in memory shared with other processes; how many there were.

    `maps` is the text of /proc/self/maps. Nothing is freed: the memory is the others' as well.
    """
    shared = shared_ranges(Path("/proc/self/maps").read_text() if maps is None else maps)
    library = ctypes.CDLL(None)
    errors = _error_state()
    get, put = library.pthread_getspecific, library.pthread_setspecific
    get.restype, get.argtypes = ctypes.c_void_p, (ctypes.c_uint,)
    put.argtypes = (ctypes.c_uint, ctypes.c_void_p)
    found = 0
    for key in range(_MOST_KEYS):
        value = get(key)
        if value and any(begin <= value < end for begin, end in shared):
            put(key, _NO_ERRORS if value == errors else None)
            found += 1
    return found


def _error_state() -> int | None:
    """Address of this thread's errors."""
    state = ctypes.CDLL("libcrypto.so.3").ERR_get_state
    state.restype = ctypes.c_void_p
    address: int | None = state()
    return address


def shared_ranges(maps: str) -> list[tuple[int, int]]:
    """Writable memory shared without a file: what Kamailio allocates before it forks."""
    found = []
    for line in maps.splitlines():
        fields = line.split(maxsplit=5)
        if len(fields) < 2 or not (fields[1].startswith("rw") and fields[1].endswith("s")):
            continue
        if len(fields) < 6 or fields[5].startswith("/dev/zero"):
            begin, _, end = fields[0].partition("-")
            found.append((int(begin, 16), int(end, 16)))
    return found
