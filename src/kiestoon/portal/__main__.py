"""`python -m kiestoon.portal COMMAND`: Django's commands and ours (demo_world, publish, ingest, calls)."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

from kiestoon.vocabulary.log_line import catch_uncaught, process_name


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kiestoon.portal.settings")
    process = process_name()
    if process != "command":
        catch_uncaught(process)
    execute_from_command_line(["kiestoon", *sys.argv[1:]])


if __name__ == "__main__":
    main()
