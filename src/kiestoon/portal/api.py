"""The API at /api: the apps' routers, tokens, problem details; described in /api/openapi.json."""

from __future__ import annotations

from ninja import NinjaAPI

from kiestoon import __version__
from kiestoon.portal.carriers.api import router as trunks
from kiestoon.portal.customers.api import router as customers
from kiestoon.portal.numbers.api import router as numbers
from kiestoon.portal.pages.calls_api import router as calls
from kiestoon.portal.people.authentication import Bearer
from kiestoon.portal.phones.api import devices, users
from kiestoon.portal.problems import add_handlers
from kiestoon.portal.security.api import router as bans

# No page of interactive documentation: ninja's loads its scripts from another host.
api = NinjaAPI(title="Kiestoon", version=__version__, auth=Bearer(), docs_url=None)
add_handlers(api)
api.add_router("/calls", calls)
api.add_router("/customers", customers)
api.add_router("/users", users)
api.add_router("/devices", devices)
api.add_router("/numbers", numbers)
api.add_router("/trunks", trunks)
api.add_router("/bans", bans)
