"""The processes of the stack: what each runs, and the ports they need."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path

from kiestoon.stack.layout import Layout
from kiestoon.vocabulary import attendant

POSTGRES_BIN = Path("/usr/lib/postgresql/15/bin")
KAMAILIO = "/usr/sbin/kamailio"
RTPENGINE = "/usr/bin/rtpengine"
METRICS_PORT = 9464
PUBLIC_PORTS = (5060, 5061, 8443, 8080)

Command = tuple[str, ...]


@dataclass(frozen=True)
class Program:
    """A watched process: `command` becomes the engine itself, so its pid is the engine's."""

    name: str
    command: Command
    stop_signal: str = "TERM"
    prepare: Command = ()
    """Run before each start (a configuration to render)."""
    stale: tuple[Path, ...] = ()
    """Files a killed predecessor leaves that would stop a new one."""
    business: bool = False
    """Of the business plane: it gets the processor when the call plane leaves it some."""
    alone: bool = False
    """Processes of the same command that a killed predecessor left are ended first."""

    @property
    def built(self) -> bool:
        """Is the module it runs in this checkout?"""
        module = self.command[-1] if "gunicorn" in self.command else None
        if self.command[0] == sys.executable and "-m" in self.command and module is None:
            module = self.command[self.command.index("-m") + 1]
            module += ".__main__" if module in ("kiestoon.portal", "kiestoon.attendant") else ""
        return module is None or exists(module.partition(":")[0])


@dataclass(frozen=True)
class Simulator:
    """A simulated other end: one process. Those with a `module` of their own speak no SIP."""

    name: str
    listen: str
    control: str
    extra: Command = ()
    module: str = ""

    @property
    def process(self) -> str:
        return "sim-" + self.name.replace("_", "-")


SIMULATORS = (
    Simulator("national_carrier", "127.0.1.1:5060", "127.0.1.1:8060"),
    Simulator("international_carrier", "127.0.1.2:5060", "127.0.1.2:8060"),
    Simulator("special_nomadic", "127.0.1.4:5060", "127.0.1.4:8060"),
    Simulator("customer_pbx", "127.0.1.3:5060", "127.0.1.3:8060"),
    Simulator(
        "emergency_centre", "127.0.1.112:5060", "127.0.1.112:8112", extra=("--partner", "127.0.1.113:5060")
    ),
    Simulator("number_database", "127.0.1.20:8080", "127.0.1.20:8020", module="tests.sim.number_database"),
    Simulator("mail", "127.0.1.21:2525", "127.0.1.21:8025", module="tests.sim.mail"),
)


def exists(module: str) -> bool:
    """Could this module be imported?"""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def engines(layout: Layout) -> tuple[Program, ...]:
    """Our own processes, in the order they start."""
    python = sys.executable
    return (
        Program("media", media_command(), alone=True),
        Program("postgres", postgres_command(layout), stop_signal="INT", business=True),
        Program("journal", (python, "-m", "kiestoon.store.sync")),
        Program(
            "edge",
            edge_command(layout),
            prepare=(python, "-m", "kiestoon.edge.configuration"),
            stale=(layout.run / "edge.pid",),
            alone=True,
        ),
        Program("attendant", attendant_command()),
        Program("portal", portal_command(layout), business=True),
        Program("jobs", (python, "-m", "kiestoon.portal", "jobs"), business=True),
        Program("webhooks", (python, "-m", "kiestoon.portal", "jobs", "--queue", "webhooks"), business=True),
        Program("ingest", (python, "-m", "kiestoon.portal", "ingest"), business=True),
        Program("metrics", (python, "-m", "kiestoon.portal", "metrics"), business=True),
    )


def simulators() -> tuple[Program, ...]:
    """The demo world around us."""
    return tuple(Program(simulator.process, simulator_command(simulator)) for simulator in SIMULATORS)


def edge_command(layout: Layout) -> Command:
    config, pid, run = str(layout.edge / "kamailio.cfg"), str(layout.run / "edge.pid"), str(layout.run)
    return (KAMAILIO, "-DD", "-E", "-f", config, "-P", pid, "-Y", run, "-m", "256", "-M", "16")


def attendant_command() -> Command:
    return (sys.executable, "-m", "kiestoon.attendant")


def media_command() -> Command:
    host, port = "127.0.0.1", 2223
    return (
        RTPENGINE,
        *("--foreground", "--log-stderr", "--log-level=4", "--table=-1", "--config-file=none"),
        *("--interface=default/127.0.0.1", "--interface=default/::1", f"--listen-ng={host}:{port}"),
        *("--port-min=30000", "--port-max=38000", "--tos=184", "--timeout=60", "--silent-timeout=3600"),
        *("--delete-delay=0", "--mos=LQ"),
    )


def postgres_command(layout: Layout) -> Command:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(layout.run),
        "unix_socket_permissions": "0700",
        "shared_buffers": "64MB",
        "max_connections": "50",
        "fsync": "on",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # Errors of statements quote their values; PostgreSQL ranks LOG above them.
        "log_min_messages": "log",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return (str(POSTGRES_BIN / "postgres"), "-D", str(layout.postgres), *options)


def portal_command(layout: Layout) -> Command:
    binds = ("--bind", "127.0.0.1:8000", "--bind", "[::1]:8000")
    # An export holds a thread until its reader has it all.
    limits = ("--workers", "1", "--threads", "4", "--worker-tmp-dir", str(layout.run), "--no-control-socket")
    config = ("--config", "python:kiestoon.portal.gunicorn")
    return (sys.executable, "-m", "gunicorn", *config, *binds, *limits, "kiestoon.portal.wsgi:application")


def simulator_command(simulator: Simulator) -> Command:
    control: Command
    if simulator.module:
        ends = ("--listen", simulator.listen, "--control", simulator.control)
        return (sys.executable, "-m", simulator.module, *ends, *simulator.extra)
    if simulator.name == "emergency_centre":
        module, control = "tests.sim.emergency_centre", ("--http", simulator.control)
    else:
        module, control = "tests.sim.carrier", ("--control", simulator.control, "--name", simulator.name)
    addresses = ("--listen", simulator.listen, "--edge", "127.0.0.1:5060")
    return (sys.executable, "-m", module, *addresses, *control, *simulator.extra)


def needed_ports() -> list[tuple[str, str, int, str]]:
    """(protocol, address, port, process) of everything that will listen."""
    ports = [
        ("udp", "127.0.0.1", 2223, "media"),
        ("tcp", attendant.HOST, attendant.PORT, "attendant"),
        ("tcp", "127.0.0.1", 8000, "portal"),
        ("tcp", "::1", 8000, "portal"),
        ("tcp", "127.0.0.1", METRICS_PORT, "metrics"),
    ]
    for address in ("127.0.0.1", "::1"):
        ports.append(("udp", address, 5060, "edge"))
        ports += [("tcp", address, port, "edge") for port in PUBLIC_PORTS]
    for simulator in SIMULATORS:
        ends = [simulator.listen, *(end for end in simulator.extra if end[0].isdigit())]
        for host, port in (end.split(":") for end in ends):
            protocols = ("tcp",) if simulator.module else ("udp", "tcp")
            ports += [(protocol, host, int(port), simulator.process) for protocol in protocols]
        host, port = simulator.control.split(":")
        ports.append(("tcp", host, int(port), simulator.process))
    return ports
