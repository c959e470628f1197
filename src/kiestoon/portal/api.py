"""The API at /api: the apps' routers, tokens, problem details; described in /api/openapi.json."""

from __future__ import annotations

from kiestoon import __version__
from kiestoon.portal.api_gate import StrictParser
from kiestoon.portal.carriers.api import router as trunks
from kiestoon.portal.carriers.settings_api import agreements, operator
from kiestoon.portal.compliance.api import router as compliance
from kiestoon.portal.customers.api import router as customers
from kiestoon.portal.description import Api
from kiestoon.portal.emergency.api import locations, networks
from kiestoon.portal.emergency.sites_api import sites
from kiestoon.portal.emergency_drills.api import router as drills
from kiestoon.portal.emergency_routes.api import policy, tables
from kiestoon.portal.health.api import router as health
from kiestoon.portal.notices.api import router as notices
from kiestoon.portal.numbers.api import router as numbers
from kiestoon.portal.pages.calls_api import router as calls
from kiestoon.portal.people.api import people, tokens
from kiestoon.portal.people.authentication import Bearer
from kiestoon.portal.phones.api import devices, users
from kiestoon.portal.problems import add_handlers
from kiestoon.portal.security.api import router as bans
from kiestoon.portal.webhooks.api import router as webhooks

# No page of interactive documentation: ninja's loads its scripts from another host.
api = Api(title="Kiestoon", version=__version__, auth=Bearer(), docs_url=None, parser=StrictParser())
add_handlers(api)
api.add_router("/calls", calls)
api.add_router("/customers", customers)
api.add_router("/users", users)
api.add_router("/devices", devices)
api.add_router("/numbers", numbers)
api.add_router("/trunks", trunks)
api.add_router("/webhooks", webhooks)
api.add_router("/trunks", agreements)
api.add_router("/trunks", sites)
api.add_router("/locations", locations)
api.add_router("/networks", networks)
api.add_router("/operator", operator)
api.add_router("/emergency-routes", tables)
api.add_router("/emergency-policy", policy)
api.add_router("/emergency-drills", drills)
api.add_router("/health", health)
api.add_router("/compliance", compliance)
api.add_router("/notice", notices)
api.add_router("/people", people)
api.add_router("/tokens", tokens)
api.add_router("/bans", bans)
