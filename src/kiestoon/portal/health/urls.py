from __future__ import annotations

from django.urls import path

from kiestoon.portal.health.views import network_now, show_runbook, take_alert

urlpatterns = [
    path("network/", network_now, name="network_now"),
    path("network/alerts/<int:pk>/take/", take_alert, name="take_alert"),
    path("network/runbooks/<slug:kind>/", show_runbook, name="runbook"),
]
