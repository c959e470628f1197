"""Addresses of trunks and of the operator's settings."""

from __future__ import annotations

from django.urls import path

from kiestoon.portal.carriers import views

urlpatterns = [
    path("trunks/", views.list_trunks, name="trunks"),
    path("trunks/add/", views.add_trunk, name="add_trunk"),
    path("trunks/<slug:trunk_id>/", views.show_trunk, name="trunk"),
    path("trunks/<slug:trunk_id>/change/", views.edit_trunk, name="edit_trunk"),
    path("trunks/<slug:trunk_id>/remove/", views.delete_trunk, name="delete_trunk"),
    path("trunks/<slug:trunk_id>/agreement/", views.edit_special_interface, name="special_interface"),
    path("operator/", views.edit_operator, name="operator"),
]
