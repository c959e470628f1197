"""Pages of the number database; include below a language."""

from __future__ import annotations

from django.urls import path

from kiestoon.portal.number_database import views

urlpatterns = [
    path("directory/", views.list_directory, name="directory"),
    path("directory/<str:e164>/", views.directory_number, name="directory_number"),
    path("number-database/", views.show_feed, name="number_database"),
    path("number-database/differences.csv", views.differences_csv, name="number_database_differences"),
]
