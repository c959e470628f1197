"""Pages of the duties; include below a language."""

from __future__ import annotations

from django.urls import path

from kiestoon.portal.compliance import request_views as requests
from kiestoon.portal.compliance import views

urlpatterns = [
    path("duties/", views.list_duties, name="duties"),
    path("duties/<slug:key>/", views.show_duty, name="duty"),
    path("duties/<slug:key>/counts.csv", views.counts_csv, name="duty_counts"),
    path("duties/<slug:key>/decisions.csv", views.decisions_csv, name="duty_decisions"),
    path("requests/", requests.list_requests, name="identity_requests"),
    path("requests/new/", requests.new_request, name="new_identity_request"),
    path("requests/<int:pk>/", requests.show_request, name="identity_request"),
    path("requests/<int:pk>/answer/", requests.answer_request, name="answer_identity_request"),
    path("requests/<int:pk>/found/", requests.judge_answer, name="judge_identity_request"),
    path("requests/<int:pk>/block/", requests.block_numbers, name="block_identity_request"),
    path("requests/<int:pk>/blockings/<int:blocking>/lift/", requests.lift_blocking, name="lift_blocking"),
]
