"""Pages of malicious calls; include below a language."""

from __future__ import annotations

from django.urls import path

from kiestoon.portal.malicious_calls import views

urlpatterns = [
    path("malicious-calls/", views.list_cases, name="malicious_calls"),
    path("malicious-calls/<int:case>/", views.show_case, name="malicious_call"),
    path("malicious-calls/<int:case>/<slug:what>/", views.change_case, name="change_malicious_call"),
    path("calls/<str:call_id>/malicious/", views.mark_call, name="mark_malicious"),
]
