"""Pages of counts and redundancy; include below a language."""

from __future__ import annotations

from django.urls import path

from kiestoon.portal.number_counts import views

urlpatterns = [
    path("number-counts/", views.show_counts, name="number_counts"),
    path("number-counts/numbers.csv", views.counts_csv, name="number_counts_csv"),
    path("number-counts/record/<slug:what>/", views.record, name="record_number_count"),
]
