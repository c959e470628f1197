"""`./kiestoon`: the operator's command line. Exit codes: 0 done, 1 no, 2 wrong use, 3 not running."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable

from kiestoon.stack import doctor
from kiestoon.stack.demo import DemoMissing, call, demo_world, greeting, switch
from kiestoon.stack.layout import Layout
from kiestoon.stack.status import as_text, status
from kiestoon.stack.totp import code_of
from kiestoon.stack.up import down
from kiestoon.stack.watcher import Watcher

DELEGATED = {
    "calls": ("kiestoon.portal", "calls"),
    "explain": ("kiestoon.edge.explain",),
    "explain --call": ("kiestoon.portal", "explain_call"),
    "follow": ("kiestoon.portal", "follow"),
    "number-database": ("kiestoon.portal", "number_database"),
    "bench": ("bench",),
}


def main(arguments: list[str]) -> int:
    layout = Layout.from_environment()
    if arguments and arguments[0] in DELEGATED:
        return _delegate(layout, arguments[0], arguments[1:])
    options = _parser().parse_args(arguments)
    action: Callable[[Layout, argparse.Namespace], int] = options.action
    try:
        return action(layout, options)
    except DemoMissing as error:
        print(f"kiestoon: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kiestoon",
        description="Look after a running Kiestoon.",
        epilog="also: calls, explain, follow, number-database and bench (each with --help)",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    one = commands.add_parser("status", help="processes, routing store and journal")
    one.add_argument("--json", action="store_true")
    one.set_defaults(action=_status)
    commands.add_parser("stop", help="stop everything").set_defaults(action=_stop)
    commands.add_parser("doctor", help="find what is wrong").set_defaults(
        action=lambda at, _: doctor.report(at)
    )
    one = commands.add_parser("demo", help="the demo world, its switches and its calls")
    one.add_argument("--json", action="store_true")
    one.set_defaults(action=_demo)
    actions = one.add_subparsers(dest="demo_command", metavar="switch|call|code")
    two = actions.add_parser("switch", help="switch a simulator")
    two.add_argument("name")
    two.add_argument("state", help="on, off, slow or a fault that `demo --json` lists")
    two.set_defaults(action=_switch)
    two = actions.add_parser("call", help="let a simulator call in")
    two.add_argument("--from", dest="simulator", required=True, metavar="SIMULATOR")
    two.add_argument("--number", required=True, metavar="E164")
    two.add_argument("--to", required=True, metavar="E164")
    two.set_defaults(action=_call)
    two = actions.add_parser("code", help="the code the authenticator app of a person shows now")
    two.add_argument("username")
    two.set_defaults(action=_code)
    return parser


def _status(layout: Layout, options: argparse.Namespace) -> int:
    answer = status(layout)
    print(json.dumps(answer) if options.json else as_text(answer))
    return 0 if answer["processes"] else 3


def _stop(layout: Layout, _: argparse.Namespace) -> int:
    running = Watcher(layout).alive()
    down(layout)
    print("stopped" if running else "was not running")
    return 0


def _demo(layout: Layout, options: argparse.Namespace) -> int:
    _need(layout)
    print(json.dumps(demo_world(layout), ensure_ascii=False) if options.json else greeting(layout))
    return 0


def _switch(layout: Layout, options: argparse.Namespace) -> int:
    _need(layout)
    print(json.dumps(switch(options.name, options.state)))
    return 0


def _call(layout: Layout, options: argparse.Namespace) -> int:
    _need(layout)
    print(json.dumps(call(options.simulator, options.number, options.to)))
    return 0


def _code(layout: Layout, options: argparse.Namespace) -> int:
    print(code_of(demo_world(layout), options.username, time.time()))
    return 0


def _need(layout: Layout) -> None:
    if not Watcher(layout).alive():
        print("kiestoon: not running: ./run starts it", file=sys.stderr)
        raise SystemExit(3)


def _delegate(layout: Layout, name: str, arguments: list[str]) -> int:
    """Become the program that answers; what was recorded needs the running stack."""
    if name == "explain" and any(one.partition("=")[0] == "--call" for one in arguments):
        name = "explain --call"
    if name in ("calls", "explain --call", "number-database") and not {"-h", "--help"} & set(arguments):
        _need(layout)
    os.environ.update(layout.environment)
    os.chdir(layout.app)
    module, *rest = DELEGATED[name]
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", module, *rest, *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
