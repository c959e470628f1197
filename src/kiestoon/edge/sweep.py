"""Twice a second, in a process of its own: connections beyond what one may have, and what outlives a restart.

The first time: who was known, banned or helped before this edge was started.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from kiestoon.adapters.ban_list import read_bans, write_bans
from kiestoon.adapters.helped_file import read_helped, write_helped
from kiestoon.adapters.rtpengine import MediaUnavailable, free_ports
from kiestoon.domain.abuse.offences import CONNECTIONS, brings_ban
from kiestoon.domain.routing.capacity import RESERVED_MEDIA_PORTS
from kiestoon.edge import ksr
from kiestoon.edge.connections import count_connections
from kiestoon.edge.contacts import senders
from kiestoon.edge.helped import restore_helped
from kiestoon.edge.ksr import K
from kiestoon.edge.paths import Asker
from kiestoon.edge.plane import CallPlane
from kiestoon.vocabulary.ban import Ban, source_of
from kiestoon.vocabulary.configuration import Trunk

PER_SOURCE = 200
"""Connections one source may have open; KIESTOON_CONNECTIONS_PER_SOURCE sets another number."""
PORTS_SECONDS = 1.0
PER_BANNED_SOURCE = 10
"""A banned source keeps some: over one of them somebody may call 112."""


class Sweep:
    """`tick` is called by the timer; the first one restores what the edge before this one knew."""

    def __init__(self, plane: CallPlane) -> None:
        self._plane = plane
        self._gate = plane.gate
        self._path = plane.bans
        self._location = plane.location
        self._helped: dict[str, str] = {}
        self._asker = Asker()
        self._ports_at = 0.0
        self._written: tuple[dict[str, Ban], dict[str, int]] | None = None
        self._most = int(os.environ.get("KIESTOON_CONNECTIONS_PER_SOURCE", PER_SOURCE))

    def tick(self) -> None:
        if self._written is None:
            self._restore()
        bans = {source: ban for source, text in _entries("ban") if (ban := _read(source, str(text)))}
        before = {source: int(times) for source, times in _entries("banned")}
        K.htable.sht_seti("sweep", "bans", len(bans))
        self._limit_connections(bans)
        self._watch_media_ports()
        self._keep_helped()
        self._know_trunks()
        if (bans, before) != self._written:
            with contextlib.suppress(OSError):  # a full disk: tried again at the next tick
                write_bans(self._path, sorted(bans.values(), key=lambda ban: -ban.since), before)
                self._written = bans, before

    def _watch_media_ports(self) -> None:
        """Ordinary calls get no media ports any more while only the reserve is free."""
        if time.monotonic() < self._ports_at:
            return
        self._ports_at = time.monotonic() + PORTS_SECONDS
        try:
            free = free_ports()
        except MediaUnavailable:
            self._ports_at += PORTS_SECONDS  # hung or dead: this process must not spend its time waiting
            return
        if free is not None and free < RESERVED_MEDIA_PORTS:
            K.htable.sht_seti("relay", "full", 1)
        else:
            K.htable.sht_rm("relay", "full")

    def _keep_helped(self) -> None:
        helped = {number: str(note) for number, note in _entries("helped")}
        if helped != self._helped:
            with contextlib.suppress(OSError):
                write_helped(self._plane.helped, helped)
                self._helped = helped

    def _know_trunks(self) -> None:
        """Whose requests are heard in a flood before anything of them is parsed, and which centres answer."""
        if not self._asker.is_due():
            return
        centres: tuple[Trunk, ...] = ()
        with contextlib.suppress(sqlite3.Error), self._plane.snapshot() as snapshot:
            for kind in ("carrier", "customer-pbx", "emergency"):
                for trunk in snapshot.trunks(kind):
                    for address in trunk.addresses:
                        K.htable.sht_sets("trunk", _host(address), kind)
            centres = snapshot.trunks("emergency")
        self._asker.ask(centres)

    def _restore(self) -> None:
        now = time.time()
        self._helped = read_helped(self._plane.helped)
        restore_helped(self._helped, now)
        bans, before = read_bans(self._path, now)
        for ban in bans:
            K.htable.sht_setxs("ban", ban.source, ban.text(), max(1, int(ban.until - now)))
        for source, times in before.items():
            K.htable.sht_seti("banned", source, times)
        with contextlib.suppress(sqlite3.Error):  # without it they are strangers until they register again
            for sender in senders(self._location):
                K.htable.sht_seti("known", sender, 1)

    def _limit_connections(self, bans: dict[str, Ban]) -> None:
        # For /proc/net/tcp the kernel walks its whole table: not while nobody can have too many.
        if _ask("core.tcp_info")["opened_connections"] <= PER_BANNED_SOURCE:
            return
        found = count_connections(
            Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text(), PER_BANNED_SOURCE
        )
        excess = {
            source: most
            for source, count in found.items()
            if count > (most := PER_BANNED_SOURCE if source in bans else self._most)
        }
        if not excess:
            return
        for source, most in excess.items():
            for connection in _newest_beyond(source, most, _ask("core.tcp_list")):
                K.tcpops.tcp_close_connection_id(connection)
            count = int(K.htable.sht_inc("offence", f"{CONNECTIONS}:{source}") or 0)
            if source not in bans and brings_ban(CONNECTIONS, count):
                self._gate.ban(source, CONNECTIONS)


def _host(address: str) -> str:
    """Of "IP", "IP:port" or "[IPv6]:port", as Kamailio writes a source address."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0]


def _newest_beyond(source: str, most: int, connections: list[dict[str, Any]]) -> list[int]:
    """Ids to close so that `most` are left; those of known phones are closed last."""
    mine = []
    for row in connections:
        address = str(row["src_ip"]).strip("[]")
        with contextlib.suppress(ValueError):
            if source_of(address) == source:
                known = K.htable.sht_get("known", f"{address}:{row['src_port']}") is not None
                mine.append((known, -int(row["id"])))
    mine.sort(reverse=True)  # known first, then the oldest: these stay
    return [-number for _, number in mine[most:]]


def _ask(method: str) -> Any:
    K.jsonrpcs.exec(json.dumps({"jsonrpc": "2.0", "method": method, "id": 1}))
    return json.loads(ksr.text("$jsonrpl(body)"))["result"]


def _entries(table: str) -> list[tuple[str, Any]]:
    """All (key, value) of a hash table."""
    found = []
    K.htable.sht_iterator_start("sweep", table)
    try:
        while K.htable.sht_iterator_next("sweep") > 0:
            found.append((ksr.text("$shtitkey(sweep)"), ksr.get("$shtitval(sweep)")))
    finally:
        K.htable.sht_iterator_end("sweep")
    return found


def _read(source: str, text: str) -> Ban | None:
    """A ban somebody placed by hand may say nothing."""
    try:
        return Ban.read(source, text)
    except ValueError:
        return None
