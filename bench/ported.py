"""Publishes N generated ported numbers to the routing store: bench.ported N [--remove]."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from kiestoon.store.ported_store import PortedPublisher


def rows(count: int) -> Iterator[tuple[str, str]]:
    """Mobile numbers, spread over the plan as real ones are."""
    for index in range(count):
        yield f"+324{(index * 7_919_333) % 100_000_000:08d}", f"C{index % 97:04d}"


def main() -> None:
    count = int(sys.argv[1])
    remove = "--remove" in sys.argv
    path = Path(os.environ["KIESTOON_STATE"]) / "routing" / "ported.sqlite"
    publisher = PortedPublisher(path)
    begun = time.monotonic()
    publisher.publish((number, None if remove else code) for number, code in rows(count))
    publisher.close()
    took = time.monotonic() - begun
    print(f"{count} ported numbers in {took:.0f} s ({count / took:.0f}/s), {path.stat().st_size >> 20} MiB")


if __name__ == "__main__":
    main()
