"""The demo's codes are those of RFC 6238."""

from __future__ import annotations

import base64

import pytest

from kiestoon.stack.demo import DemoMissing
from kiestoon.stack.totp import code_of, totp


@pytest.mark.parametrize(
    ("at", "code"), [(59, "287082"), (1111111109, "081804"), (2000000000, "279037"), (20000000000, "353130")]
)
def test_the_vectors_of_rfc_6238(at: int, code: str) -> None:
    """Appendix B, SHA-1; the last six of its eight digits."""
    assert totp(base64.b32encode(b"12345678901234567890").decode(), at) == code


def test_who_has_no_code_is_told_so() -> None:
    world = {"portal": {"people": [{"username": "dezon-user", "totp_secret": None}]}}
    with pytest.raises(DemoMissing, match="without a code"):
        code_of(world, "dezon-user", 0)
    with pytest.raises(DemoMissing, match="there are: dezon-user"):
        code_of(world, "anna", 0)
