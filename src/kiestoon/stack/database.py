"""The private PostgreSQL cluster: made once, reached only over a Unix socket in the run directory."""

from __future__ import annotations

import getpass
import os
import subprocess

from kiestoon.stack.layout import Layout
from kiestoon.stack.programs import POSTGRES_BIN

NAME = "kiestoon"
PORTAL_ROLE = "kiestoon_portal"
"""Who the web process is to PostgreSQL: made by `migrate` (portal/tenancy), owns nothing."""


class DatabaseFailed(Exception):
    """PostgreSQL refused; the message says what to look at."""


def initialise(layout: Layout) -> bool:
    """initdb, when there is no cluster yet; a half-made one is started anew. True when it was made."""
    if (layout.postgres / "PG_VERSION").exists() and (layout.postgres / "global" / "pg_control").exists():
        _let_in(layout)
        return False
    if os.getuid() == 0:
        raise DatabaseFailed(
            "PostgreSQL does not run as root: start with ./run, which uses the user kiestoon"
        )
    options = (
        "--auth-local=peer",
        "--auth-host=reject",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-instructions",
    )
    _run("initdb", "-D", str(layout.postgres), *options)
    _let_in(layout)
    return True


def _let_in(layout: Layout) -> None:
    """Over the socket only: the user the stack runs as, as owner or as the portal's role; nobody else."""
    user = getpass.getuser()
    (layout.postgres / "pg_hba.conf").write_text("local all all peer map=stack\n")
    names = (user, PORTAL_ROLE)
    (layout.postgres / "pg_ident.conf").write_text("".join(f'stack "{user}" "{name}"\n' for name in names))


def ready(layout: Layout) -> bool:
    command = [str(POSTGRES_BIN / "pg_isready"), "-q", "-h", str(layout.run)]
    return subprocess.run(command, check=False).returncode == 0


def create(layout: Layout) -> bool:
    """The database, when absent. True when it was made."""
    query = f"SELECT 1 FROM pg_database WHERE datname = '{NAME}'"
    if _run("psql", "-h", str(layout.run), "-d", "postgres", "-Atqc", query).strip() == "1":
        return False
    _run("createdb", "-h", str(layout.run), NAME)
    return True


def _run(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [str(POSTGRES_BIN / program), *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise DatabaseFailed(f"{program} failed for {getpass.getuser()}: {done.stderr.strip()[-600:]}")
    return done.stdout
