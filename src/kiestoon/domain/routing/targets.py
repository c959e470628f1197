"""Users and trunks as places to send an INVITE to."""

from __future__ import annotations

from kiestoon.domain.routing.call import Target
from kiestoon.vocabulary.configuration import Trunk, User


def to_user(user: User, cli: str | None, *, anonymous: bool) -> Target:
    """The user's devices."""
    uri = f"sip:{user.username}"
    return Target("user", user.username, user.name, uri, user.username, cli, anonymous, user.srtp)


def to_trunk(trunk: Trunk, request_user: str, cli: str | None, *, anonymous: bool = False) -> Target:
    """The trunk, whatever number of calls it takes: what is not held to that must ring through."""
    return Target("trunk", trunk.trunk_id, trunk.name, trunk.uri, request_user, cli, anonymous)
