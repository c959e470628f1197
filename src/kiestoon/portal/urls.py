"""The portal's addresses: the API has no language, pages begin with one (/nl/…)."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, URLResolver, include, path

from kiestoon.portal.api import api
from kiestoon.portal.pages.calls import list_calls, show_call
from kiestoon.portal.pages.home import home
from kiestoon.portal.phones.views import list_devices

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", api.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    *i18n_patterns(
        path("", home, name="home"),
        path("sign-in/", LoginView.as_view(template_name="people/sign_in.html"), name="sign_in"),
        path("sign-out/", LogoutView.as_view(), name="sign_out"),
        path("calls/", list_calls, name="calls"),
        path("calls/<str:call_id>/", show_call, name="call"),
        path("devices/", list_devices, name="devices"),
        path("", include("kiestoon.portal.security.urls")),
        path("", include("kiestoon.portal.softphone.urls")),
    ),
]
