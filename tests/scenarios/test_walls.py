"""Who the processes of the running stack are to PostgreSQL."""

from __future__ import annotations

import os
import pwd
import subprocess

from kiestoon.stack.private import PrivateStack
from kiestoon.stack.programs import POSTGRES_BIN
from tests.demo import Demo


def psql(stack: PrivateStack, query: str, *options: str, user: str = "kiestoon") -> tuple[int, str]:
    """Exit code and output of psql, run by this user of the machine (root when empty)."""
    command = [str(POSTGRES_BIN / "psql"), "-h", str(stack.run), "-d", "kiestoon", "-Atc", query, *options]
    if user and os.getuid() == 0:
        group = str(pwd.getpwnam(user).pw_gid)
        command = ["setpriv", "--reuid", user, "--regid", group, "--clear-groups", *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_portal_owns_nothing_in_postgresql(demo: Demo, stack: PrivateStack) -> None:
    assert demo.api("GET", "/users")[0] == 200
    code, names = psql(
        stack,
        "SELECT DISTINCT usename FROM pg_stat_activity WHERE backend_type = 'client backend' "
        "AND query LIKE '%kiestoon.customer%' AND pid <> pg_backend_pid()",
    )
    assert (code, names.split()) == (0, ["kiestoon_portal"])
    code, said = psql(stack, "SELECT * FROM customers_customer", "-U", "kiestoon_portal")
    assert code != 0
    assert "permission denied" in said


def test_nobody_else_on_the_machine_becomes_the_portal(stack: PrivateStack) -> None:
    code, said = psql(stack, "SELECT 1", "-U", "kiestoon_portal", user="")
    assert code != 0
    assert "authentication failed" in said
