"""Contacts after a restart of the edge: what its log adds to Kamailio's table."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from kiestoon.edge.configuration import SCHEMAS
from kiestoon.edge.contacts import FIELDS, ContactLog, restore, senders


def contact(ruid: str, uri: str) -> dict[str, Any]:
    return {**dict.fromkeys(FIELDS, ""), "ruid": ruid, "addr": uri, "expires_at": time.time() + 300}


def kept(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "location.sqlite") as database:
        return [row[0] for row in database.execute("SELECT contact FROM location ORDER BY contact")]


def test_a_desk_phone_stays_and_a_browser_registers_again(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "location.sqlite") as database:
        for part in ("standard", "usrloc"):
            database.executescript((SCHEMAS / f"{part}-create.sql").read_text())
    desk, browser = "sip:anna@127.0.0.5:5060", "sip:x1y2@a1b2.invalid;transport=ws"
    ContactLog(tmp_path / "log").write("anna", [contact("1", desk), contact("2", browser)])
    assert restore(tmp_path / "log", tmp_path / "location.sqlite") == 1
    assert kept(tmp_path) == [desk]


def test_who_was_registered_is_no_stranger_after_a_restart(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "location.sqlite") as database:
        for part in ("standard", "usrloc"):
            database.executescript((SCHEMAS / f"{part}-create.sql").read_text())
    behind_nat = {**contact("1", "sip:anna@192.168.1.7:5060"), "received": "sip:192.0.2.7:41000"}
    ipv6 = contact("2", "sip:anna@[2001:db8::7]:5062;transport=tcp")
    gone = {**contact("3", "sip:anna@192.0.2.9:5060"), "expires_at": time.time() + 0.2}
    ContactLog(tmp_path / "log").write("anna", [behind_nat, ipv6, gone])
    restore(tmp_path / "log", tmp_path / "location.sqlite")
    time.sleep(0.3)
    assert sorted(senders(tmp_path / "location.sqlite")) == ["192.0.2.7:41000", "2001:db8::7:5062"]
