"""supervisord: its configuration, and what it says over its socket."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import xmlrpc.client
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from kiestoon.adapters import supervisor
from kiestoon.stack.layout import Layout
from kiestoon.stack.programs import Program, engines, simulators


def all_programs(layout: Layout) -> tuple[Program, ...]:
    """What this checkout can run."""
    return tuple(program for program in engines(layout) + simulators() if program.built)


def not_built(layout: Layout) -> list[str]:
    """Processes whose module is not in this checkout."""
    return [program.name for program in engines(layout) + simulators() if not program.built]


def configuration(layout: Layout) -> str:
    """supervisord.conf: every program starts when `up` says so and is restarted whenever it ends."""
    lines = [
        *("[unix_http_server]", f"file={layout.supervisor_socket}", "chmod=0700"),
        *("[supervisord]", f"logfile={layout.log}/supervisord.log", f"pidfile={layout.run}/supervisord.pid"),
        *(f"directory={layout.app}", "logfile_maxbytes=5MB", "logfile_backups=1", "loglevel=info"),
        *(
            "[rpcinterface:supervisor]",
            "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
        ),
    ]
    for program in all_programs(layout):
        lines += [
            f"[program:{program.name}]",
            f"command={sys.executable} -m kiestoon.stack.engine {program.name}",
            *("autostart=false", "autorestart=true", "startsecs=0", "startretries=1000000"),
            *(f"stopsignal={program.stop_signal}", "stopwaitsecs=10", "killasgroup=true"),
            *("redirect_stderr=true", f"stdout_logfile={layout.log}/{program.name}.log"),
            *("stdout_logfile_maxbytes=10MB", "stdout_logfile_backups=2"),
        ]
    return "\n".join(lines) + "\n"


class Watcher:
    """The running supervisord of one stack."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._transport = transport = SupervisorTransport(None, None, f"unix://{layout.supervisor_socket}")
        self._rpc: Any = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def alive(self) -> bool:
        if not self._layout.supervisor_socket.exists():
            return False
        try:
            self._rpc.getState()
        except (OSError, xmlrpc.client.Error):
            return False
        return True

    def close(self) -> None:
        """Let go of the connection to supervisord."""
        self._transport.close()

    def launch(self) -> None:
        """Start supervisord (it becomes a daemon) and wait until it answers."""
        self._layout.supervisor_config.write_text(configuration(self._layout))
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(self._layout.supervisor_config)]
        subprocess.run(
            command, check=True, env={**os.environ, **self._layout.environment}, cwd=self._layout.app
        )
        deadline = time.monotonic() + 10
        while not self.alive():
            if time.monotonic() > deadline:
                raise TimeoutError(f"supervisord does not answer; see {self._layout.log}/supervisord.log")
            time.sleep(0.02)

    def start(self, *names: str) -> None:
        for name in names:
            with contextlib.suppress(xmlrpc.client.Fault):  # already started
                self._rpc.startProcess(name, False)

    def stop(self, name: str) -> None:
        with contextlib.suppress(xmlrpc.client.Fault):
            self._rpc.stopProcess(name, True)

    def shutdown(self) -> None:
        self._rpc.shutdown()

    def processes(self) -> list[dict[str, Any]]:
        """As `status --json` lists them, in the order they start."""
        order = {program.name: place for place, program in enumerate(all_programs(self._layout))}
        rows = sorted(supervisor.processes(self._layout.run), key=lambda row: order.get(row.name, 99))
        return [
            {
                "name": row.name,
                "pid": row.pid or None,
                "state": row.state,
                "since": row.since.strftime("%Y-%m-%dT%H:%M:%SZ") if row.since else None,
            }
            for row in rows
        ]
