"""A scratch PostgreSQL with millions of CDRs and 100,000 users, with the settings ./run gives its own."""

from __future__ import annotations

import getpass
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from kiestoon.stack.layout import Layout
from kiestoon.stack.programs import POSTGRES_BIN, postgres_command
from tests.call_events import whole_call

LOADING = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "8GB",
    "autovacuum": "off",
    "maintenance_work_mem": "1GB",
    "synchronous_commit": "off",
}
USERS = 100_000
LARGE = 20_000
"""Users of the largest customer, which also has a fifth of the calls; the others have 100 users each."""
BATCH = 500_000
DAYS = 365

_PEOPLE = """
INSERT INTO carriers_operator (one, realm, domains, blocks, roaming_check)
  VALUES (1, 'demo.kiestoon.test', '{{demo.kiestoon.test}}', '{{+32949}}', '');
INSERT INTO customers_customer (id, name, language, main_number, outside_prefix, blocked, suspended)
  SELECT n, CASE n WHEN 1 THEN 'Large customer' ELSE 'Customer ' || n END, 'nl', '', '', '{{}}', false
  FROM generate_series(1, 1 + ({users} - {large}) / 100) n;
INSERT INTO phones_telephoneuser (id, customer_id, username, ha1, extension, name, nomadic, suspended, clir,
    reject_anonymous, stop_forwarding, barred, ring_seconds, srtp)
  SELECT n + 1, CASE WHEN n < {large} THEN 1 ELSE 2 + (n - {large}) / 100 END,
    'n949' || lpad(n::text, 5, '0'), repeat('0', 32),
    CASE WHEN n < {large} THEN 20000 + n ELSE 1000 + n % 100 END,
    (ARRAY['Anna', 'Bram', 'Chloé', 'Denis', 'Elise', 'Franz', 'Greet', 'Hugo'])[1 + n % 8] || ' ' ||
    (ARRAY['Peeters', 'Janssens', 'Maes', 'Dubois', 'Lambert', 'Meyer', 'Claes'])[1 + n % 7] || ' ' || n,
    false, false, false, false, false, '{{}}', 20, 'auto'
  FROM generate_series(0, {users} - 1) n;
INSERT INTO numbers_number (e164, customer_id, kind, user_id, ported_in)
  SELECT '+32' || substr(username, 2), customer_id, 'user', id, false FROM phones_telephoneuser;
SELECT setval(pg_get_serial_sequence('customers_customer', 'id'), (SELECT max(id) FROM customers_customer));
SELECT setval(pg_get_serial_sequence('phones_telephoneuser', 'id'), {users});
"""

_CALLS = """
INSERT INTO calls_call (call_id, direction, from_number, to_number, dialled, cli, customer_id,
    called_customer_id, calling_customer_id, withheld, username, source, user_agent, verified, trunk_id,
    trunk_name, trunk_in_id, started_at, answered_at, ended_at, talk_ms, sip_code, hung_up_by, closed_by,
    emergency_class, forwarded_from, sip_call_ids, codec, loss, jitter_ms, mos, packets, anchored, stages,
    anomalies, events, updated_at)
SELECT to_hex(1700000000000 + g) || '-' || substr(md5(g::text), 1, 12),
    direction, CASE WHEN ours THEN own ELSE other END, CASE WHEN ours THEN other ELSE own END,
    CASE WHEN ours THEN other ELSE own END, CASE WHEN ours THEN own ELSE other END, customer,
    CASE WHEN direction = 'internal' THEN CASE WHEN h / 20 %% 4 = 0 THEN 1 + h / 80 %% 801 ELSE customer END
      WHEN direction <> 'outgoing' THEN customer END, CASE WHEN ours THEN customer END, h %% 20 = 0,
    CASE WHEN ours THEN username END, '198.51.100.7:5060', 'Yealink T54W', true, trunk, trunk,
    CASE WHEN ours THEN NULL ELSE trunk END, started, CASE WHEN code = 200 THEN started + interval '6 s' END,
    CASE WHEN g > {calls} - 30 THEN NULL ELSE started + interval '6 s' + talk * interval '1 ms' END,
    CASE WHEN code = 200 THEN talk ELSE 0 END, CASE WHEN g > {calls} - 30 THEN NULL ELSE code END,
    'caller', 'bye', CASE WHEN h %% 5000 = 0 THEN 'on-site' WHEN h %% 5000 = 1 THEN 'remote' END,
    CASE WHEN direction = 'forwarded' THEN own END,
    jsonb_build_array(md5(g::text || 'i') || '@198.51.100.7'), 'pcma', 0.1, 2.5, 4.2, 6000, true,
    %(stages)s::jsonb, '[]', %(events)s::jsonb, started
FROM (SELECT *, '+32' || substr(username, 2) AS own,
    CASE WHEN u < {large} THEN 1 ELSE 2 + (u - {large}) / 100 END AS customer,
    '+32470' || lpad((h %% 1000000)::text, 6, '0') AS other, direction IN ('outgoing', 'internal') AS ours
  FROM (SELECT *, 'n949' || lpad(u::text, 5, '0') AS username,
      (ARRAY['outgoing', 'outgoing', 'outgoing', 'outgoing', 'incoming', 'incoming', 'incoming', 'incoming',
        'internal', CASE WHEN h / 10 %% 2 = 0 THEN 'forwarded' ELSE 'internal' END])[1 + h %% 10]
        AS direction,
      (ARRAY[200, 200, 200, 200, 200, 200, 200, 487, 486, 408, 480, 404, 503])[1 + h / 16 %% 13] AS code,
      (ARRAY['national', 'international'])[1 + h / 7 %% 2] AS trunk,
      (1000 + h %% 240000 + CASE WHEN h %% 1000 = 0 THEN 3600000 ELSE 0 END)::bigint AS talk
    FROM (SELECT g, (hashint8(g) & 2147483647) AS h,
        now() - (({calls} - g)::float8 / {calls}) * interval '{days} days' AS started,
        CASE WHEN (hashint8(g + 7) & 2147483647) %% 5 = 0 THEN (hashint8(g + 11) & 2147483647) %% {large}
          ELSE {large} + (hashint8(g + 13) & 2147483647) %% ({users} - {large}) END AS u
      FROM generate_series({first}, {last}) g) one) two) three
"""


class ScratchWorld:
    """Everything below `folder`: state, sockets, cluster; `environment` for processes that use it."""

    def __init__(self, folder: Path) -> None:
        self.layout = Layout(folder / "state", folder / "run", Path(__file__).resolve().parent.parent)
        self._process: subprocess.Popen[bytes] | None = None
        self._as: tuple[str, ...] = ()

    def make(self, calls: int) -> None:
        """An empty cluster, migrated, filled."""
        for folder in (self.layout.state, self.layout.run, self.layout.state / "secrets"):
            folder.mkdir(parents=True, exist_ok=True)
        if os.getuid() == 0:  # PostgreSQL refuses root
            owner = pwd.getpwnam("kiestoon")
            self._as = ("setpriv", "--reuid", "kiestoon", "--regid", str(owner.pw_gid), "--init-groups")
            for folder in (self.layout.state, self.layout.run):
                os.chown(folder, owner.pw_uid, owner.pw_gid)
        if self._filled(calls):
            return
        options = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions", "--no-sync")
        self._run(
            str(POSTGRES_BIN / "initdb"), "-D", str(self.layout.postgres), "-U", getpass.getuser(), *options
        )
        with self.running(LOADING):
            self._run(
                str(POSTGRES_BIN / "createdb"),
                "-h",
                str(self.layout.run),
                "-U",
                getpass.getuser(),
                "kiestoon",
            )
            self.portal("migrate", "-v", "0")
            with self.connect() as connection:
                fill(connection, calls)
        (self.layout.state / "filled").write_text(str(calls))

    def _filled(self, calls: int) -> bool:
        mark = self.layout.state / "filled"
        return mark.exists() and mark.read_text() == str(calls)

    @contextmanager
    def running(self, settings: dict[str, str] | None = None) -> Iterator[None]:
        """The cluster with ./run's settings, and these."""
        more = [part for name, value in (settings or {}).items() for part in ("-c", f"{name}={value}")]
        command = [*self._as, *postgres_command(self.layout), *more]
        with (self.layout.run / "postgres.log").open("a") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            ready = [str(POSTGRES_BIN / "pg_isready"), "-q", "-h", str(self.layout.run)]
            while subprocess.run(ready, check=False).returncode:
                if process.poll() is not None:
                    raise RuntimeError(f"PostgreSQL does not start: see {self.layout.run / 'postgres.log'}")
                time.sleep(0.1)
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(120)

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(dbname="kiestoon", host=str(self.layout.run), autocommit=True)

    def portal(self, *arguments: str) -> None:
        environment = {**os.environ, **self.layout.environment}
        subprocess.run([sys.executable, "-m", "kiestoon.portal", *arguments], env=environment, check=True)

    def remove(self) -> None:
        shutil.rmtree(self.layout.state.parent)

    def _run(self, *command: str) -> None:
        subprocess.run([*self._as, *command], check=True, stdout=subprocess.DEVNULL, cwd="/")


def fill(connection: psycopg.Connection[Any], calls: int) -> None:
    """Customers, users and calls; indexes are made afterwards, which is much faster."""
    connection.execute(_PEOPLE.format(users=USERS, large=LARGE))
    _trunks(connection)
    indexes = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes "
        "WHERE tablename = 'calls_call' AND indexname NOT LIKE '%pkey'"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f'DROP INDEX "{name}"')
    connection.execute("ALTER TABLE calls_call DROP CONSTRAINT calls_call_pkey")
    events = whole_call("c1", talk_ms=60_000)
    values = {
        "events": json.dumps(events),
        "stages": json.dumps([
            {"at": events[0]["t"], "to": "+32470123456", "users": [], "because": "routed",
             "trunk": {"id": "national", "name": "national carrier"}, "forwarded_from": None}
        ]),
    }  # fmt: skip
    for first in range(1, calls + 1, BATCH):
        last = min(first + BATCH - 1, calls)
        sizes = {"calls": calls, "users": USERS, "large": LARGE, "days": DAYS}
        connection.execute(_CALLS.format(first=first, last=last, **sizes), values)
        print(f"  {last} calls", file=sys.stderr, flush=True)
    connection.execute("ALTER TABLE calls_call ADD PRIMARY KEY (call_id)")
    for name, definition in indexes:
        connection.execute(definition)
        print(f"  index {name}", file=sys.stderr, flush=True)
    connection.execute("VACUUM (ANALYZE)")


def _trunks(connection: psycopg.Connection[Any]) -> None:
    for name in ("national", "international", "special"):
        connection.execute(
            "INSERT INTO carriers_trunk (trunk_id, name, kind, uri, addresses, interface, priority, "
            f"main_number) VALUES ('{name}', '{name} carrier', 'carrier', 'sip:127.0.1.1:5060', '{{}}', "
            f"'{name}', 10, '')"
        )
