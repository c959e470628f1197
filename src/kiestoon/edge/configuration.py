"""Renders what Kamailio reads: kamailio.cfg, tls.cfg, the script's entry and the contacts' database."""

from __future__ import annotations

import os
import secrets
import sqlite3
import sys
from pathlib import Path

from kiestoon.belgium.emergency_numbers import ON_SITE
from kiestoon.domain.abuse.offences import (
    BANNED_BEFORE_SECONDS,
    GUESSED_SECONDS,
    KNOWN_SECONDS,
    LONGEST_BAN_SECONDS,
)
from kiestoon.domain.routing.call_back import HELPED_SECONDS
from kiestoon.domain.routing.capacity import LINE_SECONDS
from kiestoon.domain.routing.emergency_paths import AVOIDED_SECONDS
from kiestoon.edge.contacts import restore
from kiestoon.edge.sockets import listen_lines
from kiestoon.vocabulary.configuration import MAX_DEVICES

HERE = Path(__file__).parent
MODULES = "/usr/lib/x86_64-linux-gnu/kamailio/modules/"
SCHEMAS = Path("/usr/share/kamailio/db_sqlite")

_SEPARATED = "[-.()/ ]*"
HEARD = (
    "^(SIP/2|ACK |BYE |CANCEL |PRACK |UPDATE |INFO |INVITE .*("
    + "|".join([*(_SEPARATED.join(number) for number in ON_SITE), "sos", "%"])
    + "))"
)
"""What of a sender who is not heard now is parsed all the same; it says yes rather too often.

Kamailio compares without regard to case."""


def render(state: Path, run: Path) -> Path:
    """Write the edge's configuration below `state`; returns the path of kamailio.cfg."""
    edge = state / "edge"
    edge.mkdir(parents=True, exist_ok=True)
    location = state / "location" / "location.sqlite"
    _contacts_database(location)
    restore(location.parent / "log", location)
    tls = state / "secrets" / "tls"
    (edge / "tls.cfg").write_text(
        "[server:default]\nmethod = TLSv1.2+\nverify_certificate = no\nrequire_certificate = no\n"
        f"private_key = {tls / 'server.key'}\ncertificate = {tls / 'server.pem'}\n"
    )
    (edge / "entry.py").write_text(_entry(state))
    values = {
        "LISTEN": listen_lines(),
        "MODULES": MODULES,
        "RUN": str(run),
        "LOCATION": str(location),
        "MAX_DEVICES": str(MAX_DEVICES),
        "NONCE_SECRET": _secret(state, "nonce"),
        "BAN_SECONDS": str(LONGEST_BAN_SECONDS),
        "BANNED_BEFORE_SECONDS": str(BANNED_BEFORE_SECONDS),
        "KNOWN_SECONDS": str(KNOWN_SECONDS),
        "GUESSED_SECONDS": str(GUESSED_SECONDS),
        "HELPED_SECONDS": str(HELPED_SECONDS),
        "AVOIDED_SECONDS": str(AVOIDED_SECONDS),
        "LINE_SECONDS": str(LINE_SECONDS),
        "HEARD": HEARD,
        "RTPENGINE": "127.0.0.1:2223",
        "TLS_CONFIG": str(edge / "tls.cfg"),
        "ENTRY": str(edge / "entry.py"),
    }
    text = (HERE / "kamailio.cfg").read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    path = edge / "kamailio.cfg"
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text)
    _secret(state, "route")
    return path


def _entry(state: Path) -> str:
    """The file Kamailio loads: the same sys.path as this interpreter, then the script."""
    paths = [p for p in sys.path if p]
    return (
        f"import os, sys\nsys.path[:0] = {paths!r}\nos.environ['KIESTOON_STATE'] = {str(state)!r}\n"
        "from kiestoon.edge.kemi import mod_init  # noqa\n"
    )


def _secret(state: Path, name: str) -> str:
    """A secret of the edge's own, made once."""
    path = state / "secrets" / f"{name}.key"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(16))
    return path.read_text().strip()


def _contacts_database(path: Path) -> None:
    """The registered contacts, kept by Kamailio; made from the schema its package ships."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        return
    connection = sqlite3.connect(path)
    for name in ("standard", "usrloc"):
        connection.executescript((SCHEMAS / f"{name}-create.sql").read_text())
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


if __name__ == "__main__":
    print(render(Path(os.environ["KIESTOON_STATE"]), Path(os.environ["KIESTOON_RUN"])))
