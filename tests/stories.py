"""Stories are coroutines: this pytest plugin runs each to its end, with a limit, and with the demo world."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator

import pytest

from kiestoon.stack.private import PrivateStack
from tests.demo import Demo

LIMIT_SECONDS = 90


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted = {name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters}

    async def story() -> None:
        await asyncio.wait_for(pyfuncitem.obj(**wanted), LIMIT_SECONDS)
        await asyncio.sleep(0.05)  # a TLS connection says goodbye before its socket is closed

    asyncio.run(story())
    return True


@pytest.fixture(scope="session")
def stack() -> Iterator[PrivateStack]:
    """One running stack for the whole suite, on a state of its own that starts empty."""
    private = PrivateStack()
    private.stop()
    private.wipe()
    with private as running:
        yield running


@pytest.fixture(scope="session")
def demo(stack: PrivateStack) -> Demo:
    return Demo(stack)
