"""`python -m kiestoon.stack up [--detach]`: what ./run starts once Python can take over."""

from __future__ import annotations

import getpass
import sys

from kiestoon.stack.layout import Layout
from kiestoon.stack.up import StartFailed, up


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] != "up" or set(arguments[1:]) - {"--detach"}:
        print("usage: python -m kiestoon.stack up [--detach]", file=sys.stderr)
        return 2
    try:
        return up(Layout.from_environment(), detach="--detach" in arguments)
    except PermissionError as refusal:
        print(
            f"kiestoon: {refusal.filename} belongs to another user: "
            f"give it to {getpass.getuser()} or remove it",
            file=sys.stderr,
        )
        return 1
    except StartFailed as failure:
        print(f"kiestoon: {failure}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
