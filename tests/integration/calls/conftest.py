from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.calls.world import World, running_world


@pytest.fixture(scope="package")
def cluster() -> Iterator[World]:
    with running_world() as world:
        yield world


@pytest.fixture
def world(cluster: World) -> World:
    cluster.reset()
    return cluster
