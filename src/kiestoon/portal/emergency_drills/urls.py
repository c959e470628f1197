"""Pages of the drills and of the address tests; include below a language."""

from __future__ import annotations

from django.urls import path

from kiestoon.portal.emergency_drills import views

urlpatterns = [
    path("emergency-drills/", views.show_drills, name="emergency_drills"),
    path("emergency-drills/start/", views.start_run, name="start_emergency_drill"),
    path("emergency-drills/settings/", views.edit_settings, name="emergency_drill_settings"),
    path("emergency-drills/runs/<int:run_id>/", views.show_run, name="emergency_drill_run"),
    path("emergency-drills/runs/<int:run_id>/progress/", views.run_progress, name="emergency_drill_progress"),
    path("emergency-address-test/", views.address_tests, name="address_tests"),
    path(
        "emergency-address-test/<str:call_id>/answer/",
        views.answer_address_question,
        name="answer_address_question",
    ),
]
