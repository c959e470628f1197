"""The portal's addresses: the API has no language, pages begin with one (/nl/…)."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path

from kiestoon.portal.api import api
from kiestoon.portal.audit.views import list_entries
from kiestoon.portal.health.views import probe
from kiestoon.portal.pages.calls import (
    export_calls,
    list_calls,
    live_calls,
    show_call,
    show_call_numbers,
)
from kiestoon.portal.pages.home import home
from kiestoon.portal.phones.setup import provisioning

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", api.urls),
    path("health", probe, name="health"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("provisioning/<str:token>/", provisioning, name="provisioning"),
    *i18n_patterns(
        path("", home, name="home"),
        path("", include("kiestoon.portal.identity.urls")),
        path("", include("kiestoon.portal.people.urls")),
        path("audit/", list_entries, name="audit"),
        path("calls/", list_calls, name="calls"),
        path("calls/live/", live_calls, name="live_calls"),
        path("calls/export/", export_calls, name="export_calls"),
        path("calls/<str:call_id>/", show_call, name="call"),
        path("", include("kiestoon.portal.malicious_calls.urls")),
        path("", include("kiestoon.portal.phones.urls")),
        path("", include("kiestoon.portal.numbers.urls")),
        path("", include("kiestoon.portal.carriers.urls")),
        path("", include("kiestoon.portal.customers.urls")),
        path("calls/<str:call_id>/numbers/", show_call_numbers, name="show_call_numbers"),
        path("", include("kiestoon.portal.health.urls")),
        path("", include("kiestoon.portal.emergency_routes.urls")),
        path("", include("kiestoon.portal.emergency_drills.urls")),
        path("", include("kiestoon.portal.compliance.urls")),
        path("", include("kiestoon.portal.notices.urls")),
        path("", include("kiestoon.portal.number_database.urls")),
        path("", include("kiestoon.portal.emergency_log.urls")),
        path("", include("kiestoon.portal.number_counts.urls")),
        path("", include("kiestoon.portal.webhooks.urls")),
        path("", include("kiestoon.portal.security.urls")),
        path("", include("kiestoon.portal.softphone.urls")),
        path("", include("kiestoon.portal.emergency.urls")),
    ),
]
