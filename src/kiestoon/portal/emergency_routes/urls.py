"""Pages of the routing table and of the policy; include below a language."""

from __future__ import annotations

from django.urls import path, register_converter

from kiestoon.portal.emergency_routes import policy_views, views


class PartConverter:
    """Which of the two files."""

    regex = "areas|routes"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PartConverter, "table_part")

urlpatterns = [
    path("emergency-routes/", views.home, name="emergency_routes"),
    path("emergency-routes/load/", views.load, name="load_emergency_table"),
    path("emergency-routes/policy/", policy_views.show_policy, name="emergency_policy"),
    path("emergency-routes/policy/propose/", policy_views.propose, name="propose_emergency_policy"),
    path(
        "emergency-routes/policy/<int:decision_id>/approve/",
        policy_views.approve,
        name="approve_emergency_policy",
    ),
    path(
        "emergency-routes/policy/<int:decision_id>/refuse/",
        policy_views.refuse,
        name="refuse_emergency_policy",
    ),
    path("emergency-routes/tables/<int:table_id>/", views.show_table, name="emergency_table"),
    path(
        "emergency-routes/tables/<int:table_id>/<table_part:part>.csv",
        views.download,
        name="emergency_table_file",
    ),
    path("emergency-routes/tables/<int:table_id>/copy/", views.copy, name="copy_emergency_table"),
    path("emergency-routes/tables/<int:table_id>/change/", views.edit_table, name="edit_emergency_table"),
    path("emergency-routes/tables/<int:table_id>/discard/", views.discard, name="discard_emergency_table"),
    path("emergency-routes/tables/<int:table_id>/propose/", views.propose, name="propose_emergency_table"),
    path("emergency-routes/tables/<int:table_id>/approve/", views.approve, name="approve_emergency_table"),
    path("emergency-routes/tables/<int:table_id>/refuse/", views.refuse, name="refuse_emergency_table"),
    path("emergency-routes/tables/<int:table_id>/areas/add/", views.add_area, name="add_emergency_area"),
    path(
        "emergency-routes/tables/<int:table_id>/areas/<int:area_id>/",
        views.edit_area,
        name="edit_emergency_area",
    ),
    path(
        "emergency-routes/tables/<int:table_id>/areas/<int:area_id>/remove/",
        views.remove_area,
        name="remove_emergency_area",
    ),
    path("emergency-routes/tables/<int:table_id>/routes/add/", views.add_route, name="add_emergency_route"),
    path(
        "emergency-routes/tables/<int:table_id>/routes/<int:route_id>/",
        views.edit_route,
        name="edit_emergency_route",
    ),
    path(
        "emergency-routes/tables/<int:table_id>/routes/<int:route_id>/remove/",
        views.remove_route,
        name="remove_emergency_route",
    ),
]
