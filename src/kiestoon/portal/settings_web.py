"""Settings of the web process: PostgreSQL knows it as a role that owns nothing (docs/decisions/0007)."""

from __future__ import annotations

from kiestoon.portal.settings import *  # noqa: F403
from kiestoon.portal.settings import DATABASES as OWNERS
from kiestoon.portal.tenancy.roles import PORTAL

DATABASES = {"default": {**OWNERS["default"], "USER": PORTAL}}
