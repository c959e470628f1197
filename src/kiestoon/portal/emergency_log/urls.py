"""Pages of emergency calls; include below a language."""

from __future__ import annotations

from django.urls import path

from kiestoon.portal.emergency_log import views

urlpatterns = [
    path("emergency-calls/", views.list_emergency_calls, name="emergency_calls"),
    path("emergency-calls/contact/", views.change_contact, name="emergency_contact"),
    path("customers/<int:customer_id>/emergency-calls/", views.change_reception, name="emergency_reception"),
]
