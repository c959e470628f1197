"""`./kiestoon bench [series|budget|pages|abuse|emergency]`: loads the bench world and measures."""

from __future__ import annotations

import os
import subprocess
import sys

from bench import abuse, budget, compare, emergency, pages
from bench.stack import service, status

PROGRAMS = {
    "series": compare.main,
    "budget": budget.main,
    "pages": pages.main,
    "abuse": abuse.main,
    "emergency": emergency.main,
}
ALONE = ("pages",)
"""They need neither root nor a running stack."""


def main(arguments: list[str]) -> int:
    name = arguments.pop(0) if arguments and not arguments[0].startswith("-") else "series"
    if name not in PROGRAMS:
        print(f"kiestoon bench: no program {name!r}; there are: {', '.join(PROGRAMS)}", file=sys.stderr)
        return 2
    if name in ALONE or {"-h", "--help"} & set(arguments):
        return PROGRAMS[name](arguments)
    if os.geteuid() != 0:
        print("kiestoon bench: root is needed: sipp plays RTP through raw sockets.", file=sys.stderr)
        return 1
    status()
    print("Loading the bench world …", file=sys.stderr, flush=True)
    subprocess.run(service("kiestoon.portal", "bench_world"), check=True, stdout=subprocess.DEVNULL)
    try:
        return PROGRAMS[name](arguments)
    finally:
        subprocess.run(
            service("kiestoon.portal", "bench_world", "--remove"), check=True, stdout=subprocess.DEVNULL
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
