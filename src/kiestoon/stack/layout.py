"""Every path Kiestoon uses: the only place that spells them (docs/architecture.md)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PORTAL_URL = "http://localhost:8000"


@dataclass(frozen=True)
class Layout:
    """The state directory, the directory of sockets and the checkout (or its copy)."""

    state: Path
    run: Path
    app: Path

    @classmethod
    def from_environment(cls) -> Layout:
        """From KIESTOON_STATE, KIESTOON_RUN and KIESTOON_APP, which ./run and ./kiestoon set."""
        app = Path(os.environ.get("KIESTOON_APP") or Path(__file__).resolve().parents[3])
        state = Path(os.environ.get("KIESTOON_STATE") or app / "var")
        short = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp") / f"kiestoon-{os.getuid()}"
        run = Path(os.environ.get("KIESTOON_RUN") or short)
        return cls(state=state.absolute(), run=run.absolute(), app=app)

    @property
    def environment(self) -> dict[str, str]:
        """What every process of the stack carries in its environment."""
        return {
            "KIESTOON_STATE": str(self.state),
            "KIESTOON_RUN": str(self.run),
            "KIESTOON_APP": str(self.app),
            # The demo's receivers of webhooks are on this machine, which the portal allows nowhere else.
            "KIESTOON_WEBHOOK_NETWORKS": os.environ.get("KIESTOON_WEBHOOK_NETWORKS", "127.0.0.0/8,::1/128"),
            # The demo's operator has a name, and is connected to simulators.
            "KIESTOON_OPERATOR_NAME": os.environ.get("KIESTOON_OPERATOR_NAME", "Kiestoon Demo"),
            "KIESTOON_NUMBER_DATABASE_URL": os.environ.get(
                "KIESTOON_NUMBER_DATABASE_URL", "http://127.0.1.20:8080"
            ),
            # The demo's mail goes to a simulator.
            "KIESTOON_MAIL_SERVER": os.environ.get("KIESTOON_MAIL_SERVER", "127.0.1.21:2525"),
            "KIESTOON_MAIL_FROM": os.environ.get("KIESTOON_MAIL_FROM", "noreply@demo.kiestoon.test"),
        }

    @property
    def routing_customers(self) -> Path:
        return self.state / "routing" / "customers.sqlite"

    @property
    def routing_ported(self) -> Path:
        return self.state / "routing" / "ported.sqlite"

    @property
    def journal(self) -> Path:
        return self.state / "journal"

    @property
    def alarm(self) -> Path:
        return self.journal / "alarm.json"

    @property
    def location(self) -> Path:
        return self.state / "location" / "location.sqlite"

    @property
    def secrets(self) -> Path:
        return self.state / "secrets"

    @property
    def tls(self) -> Path:
        return self.secrets / "tls"

    @property
    def postgres(self) -> Path:
        return self.state / "postgres"

    @property
    def log(self) -> Path:
        return self.state / "log"

    @property
    def edge(self) -> Path:
        return self.state / "edge"

    @property
    def supervisor_config(self) -> Path:
        return self.run / "supervisord.conf"

    @property
    def supervisor_socket(self) -> Path:
        return self.run / "supervisor.sock"

    @property
    def counters(self) -> Path:
        """Counters of our own processes, for the process metrics to add up; begun anew with the stack."""
        return self.run / "counters"

    def make(self) -> None:
        """The folders that must exist before anything starts; secrets for nobody else's eyes."""
        for folder in (
            self.routing_customers.parent,
            self.journal,
            self.location.parent,
            self.log,
            self.edge,
        ):
            folder.mkdir(parents=True, exist_ok=True)
        for folder in (self.run, self.secrets, self.tls, self.counters):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)
