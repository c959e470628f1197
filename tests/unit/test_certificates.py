"""The demo CA signs what it should, once, and again before it expires."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiestoon.stack import certificates
from kiestoon.stack.layout import Layout


def test_a_foreign_verifier_accepts_the_servers_certificate(tmp_path: Path) -> None:
    layout = Layout(tmp_path, tmp_path / "run", tmp_path)
    assert certificates.ensure(layout)
    command = ["openssl", "verify", "-CAfile", str(layout.tls / "ca.pem"), str(layout.tls / "server.pem")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not certificates.ensure(layout), "a good certificate is kept"
    assert certificates.ensure(layout, datetime.now(UTC) + timedelta(days=340)), "renewed in its last month"
