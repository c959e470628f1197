"""Server time of every page of the portal with millions of CDRs and 100,000 users.

    ./kiestoon bench pages [--calls 10000000] [--repeat 40] [--folder DIR --keep] [--only TEXT]

Walks Django's URL resolver, so a page added later is timed too; what needs an argument gets examples from the
database. Prints p50, p95 and CPU time in ms per page and reader, and exits 1 when a p95 is above the limit.
No stack is needed: it makes a PostgreSQL of its own (35 GB of disk for ten million calls) and takes it away
again.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from bench.pages_world import ScratchWorld
from kiestoon.duties.register import DUTIES

LIMIT_MS = 100.0
NOT_THEIRS = ("403", "404", "405")
"""Pages this reader may not open, or that only take a POST: not listed."""
SEARCHES = (
    "", "q={number}", "q={other}", "q={call_id}", "q={sip_call_id}", "q=anna+peeters", "q={user_name}",
    "user={username}", "period=today", "period=yesterday", "period=7-days", "result=busy", "result=failed",
    "direction=forwarded", "at_least=3600", "result=busy&direction=forwarded&at_least=3600",
    "first={day}&last={day}&period=range", "q={number}&result=busy",
)  # fmt: skip
OPERATORS_SEARCHES = (
    "customer=1",
    "customer=250",
    "customer=1&result=busy",
    "trunk=special",
    "emergency=yes",
)


ANYONES = "call_id IN (SELECT call_id FROM calls_call TABLESAMPLE SYSTEM (1))"
_CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")
_EXAMPLES = {
    "call_id": "call_id",
    "sip_call_id": "sip_call_ids ->> 0",
    "customer_id": "c.customer_id",
    "username": "u.username",
    "user_id": "u.id",
    "user_name": "u.name",
    "number": "n.e164",
    "e164": "n.e164",
    "other": "to_number",
    "day": "started_at::date",
}
"""Argument of an address → where an example of it stands."""


@dataclass(frozen=True)
class Reader:
    """Someone signed in, and examples of what they may open."""

    name: str
    client: Any
    examples: dict[str, list[str]]
    operator: bool


@dataclass(frozen=True)
class Timed:
    """One address pattern as one reader asks for it."""

    reader: str
    page: str
    status: str
    times_ms: list[float]
    cpu_ms: float
    """CPU time of portal and database for one request: what the times come to on an idle machine."""

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.times_ms, n=20)[-1]


def routes() -> Iterator[tuple[str, list[str]]]:
    """(pattern with {argument}, its arguments) of every page; not of the API, which has no pages."""
    from django.urls import URLPattern, URLResolver, get_resolver

    def walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, list[str]]]:
        for one in resolver.url_patterns:
            route = prefix + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from walk(one, route)
            elif isinstance(one, URLPattern) and not route.startswith("api/"):
                yield "/" + _CONVERTER.sub(r"{\1}", route), list(one.pattern.converters)

    yield from walk(get_resolver(), "")


def examples(where: str, count: int) -> dict[str, list[str]]:
    """Examples of every argument, by its name, from calls that `where` chooses."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(_EXAMPLES.values())} FROM (SELECT * FROM calls_call c WHERE {where} "
            f"AND username IS NOT NULL AND emergency_class IS NULL LIMIT {count * 50}) c "
            "JOIN phones_telephoneuser u ON u.username = c.username "
            "JOIN numbers_number n ON n.user_id = u.id ORDER BY md5(call_id) LIMIT %s",
            [count],
        )
        rows = cursor.fetchall()
        cursor.execute("SELECT trunk_id FROM carriers_trunk")
        trunks = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT id::text FROM people_person WHERE customer_id = 1")
        people = [row[0] for row in cursor.fetchall()]
    found = {name: [str(row[n]) for row in rows] for n, name in enumerate(_EXAMPLES)}
    found |= {"trunk_id": trunks, "person_id": people, "key": [duty.key for duty in DUTIES]}
    return {name: values for name, values in found.items() if values}


def readers(count: int) -> list[Reader]:
    from allauth.mfa.models import Authenticator
    from django.test import Client

    from kiestoon.portal.customers.models import Customer
    from kiestoon.portal.people.models import Person
    from kiestoon.portal.phones.models import TelephoneUser

    large, small = Customer.objects.get(pk=1), Customer.objects.get(pk=250)
    user = TelephoneUser.objects.filter(customer=large).order_by("pk")[100]
    plan: tuple[tuple[str, str, dict[str, Any], str], ...] = (
        ("support", "support", {}, ANYONES),
        ("admin", "admin", {}, ANYONES),
        ("large customer's admin", "customer-admin", {"customer": large}, "customer_id = 1"),
        ("small customer's admin", "customer-admin", {"customer": small}, "customer_id = 250"),
        (
            "a user",
            "customer-user",
            {"customer": large, "telephone_user": user},
            f"username = '{user.username}'",
        ),
    )
    found = []
    for name, role, fields, where in plan:
        person, _ = Person.objects.get_or_create(username=f"bench {name}", defaults={"role": role, **fields})
        Authenticator.objects.get_or_create(
            user=person, type=Authenticator.Type.TOTP, defaults={"data": {"secret": ""}}
        )
        client = Client(raise_request_exception=False, SERVER_NAME="localhost")
        client.force_login(person)
        operator = role in ("support", "admin")
        found.append(Reader(name, client, examples(where, count), operator))
    return found


def pages(reader: Reader) -> Iterator[tuple[str, str, list[str]]]:
    """(page, "" or why it is not asked for, addresses to ask for in turn)."""
    for route, arguments in routes():
        unknown = [name for name in arguments if name not in reader.examples]
        if unknown:
            yield route, f"no example of {', '.join(unknown)}", []
            continue
        searches: tuple[str, ...] = ("",)
        if route.endswith("/calls/"):
            searches = SEARCHES + (OPERATORS_SEARCHES if reader.operator else ())
        for search in searches:
            pattern = f"{route}?{search}" if search else route
            if set(re.findall(r"{(\w+)}", pattern)) - set(reader.examples):
                continue
            yield pattern, "", list(_filled(pattern, reader.examples))


def _filled(pattern: str, values: dict[str, list[str]]) -> Iterator[str]:
    """The pattern with each row of examples; the same when it has no argument."""
    for n in range(max(map(len, values.values()))):
        row = {name: quote_plus(column[n % len(column)]) for name, column in values.items()}
        yield pattern.format(**row)


def measure(reader: Reader, pattern: str, addresses: list[str], repeat: int) -> Timed:
    """After one request that compiles the template."""
    statuses = {reader.client.get(addresses[0]).status_code}
    times = []
    processes = [os.getpid(), _backend()]
    before = sum(map(_cpu_ms, processes))
    for address in islice(cycle(addresses), repeat):
        begun = time.perf_counter()
        answer = reader.client.get(address)
        if answer.streaming:
            next(iter(answer.streaming_content))  # how long the rest takes is the export's size
        times.append(1000 * (time.perf_counter() - begun))
        answer.close()
        statuses.add(answer.status_code)
    used = sum(map(_cpu_ms, processes)) - before
    return Timed(reader.name, pattern, "/".join(map(str, sorted(statuses))), times, used / repeat)


def _cpu_ms(pid: int) -> float:
    """CPU time of a process so far (schedstat: ns it ran)."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


def _backend() -> int:
    """The database's process that serves us; the connection is kept between requests."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="kiestoon bench pages", description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000_000)
    parser.add_argument("--repeat", type=int, default=40)
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp/kiestoon-bench-pages"))
    parser.add_argument("--keep", action="store_true", help="leave the database for the next run")
    parser.add_argument("--only", default="", help="pages whose address has this text")
    options = parser.parse_args(arguments)
    world = ScratchWorld(options.folder)
    os.environ.update(world.layout.environment)
    os.environ["DJANGO_SETTINGS_MODULE"] = "kiestoon.portal.settings"
    print("Making the database …", file=sys.stderr, flush=True)
    world.make(options.calls)
    slow = 0
    with world.running():
        world.portal("migrate", "-v", "0")
        world.portal("assets")
        slow = report(options.repeat, options.only)
    if not options.keep:
        world.remove()
    return 1 if slow else 0


def report(repeat: int, only: str) -> int:
    """Print the table; returns how many pages are above the limit."""
    import django
    from django.utils import translation

    django.setup()
    slow = 0
    skipped: dict[str, str] = {}
    asked: set[str] = set()
    with translation.override("en"):
        print(f"{'p50 ms':>8} {'p95 ms':>8}  {'CPU ms':>6}  status   reader                   page")
        for reader in readers(repeat):
            for page, why_not, addresses in pages(reader):
                if only not in page:
                    continue
                if why_not:
                    skipped[page] = why_not
                    continue
                timed = measure(reader, page, addresses, repeat)
                asked.add(page.partition("?")[0])
                if timed.status in NOT_THEIRS:
                    continue
                over = timed.p95 > LIMIT_MS
                slow += over
                median, mark = statistics.median(timed.times_ms), "!" if over else " "
                print(
                    f"{median:8.1f} {timed.p95:8.1f}{mark} {timed.cpu_ms:6.1f}  "
                    f"{timed.status:<8} {timed.reader:<24} {timed.page}",
                    flush=True,
                )
    for page, why in skipped.items():
        if page in asked:
            continue
        print(f"{'':19}not asked for: {page} ({why})")
    return slow
