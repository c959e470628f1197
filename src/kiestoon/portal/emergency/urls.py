"""Pages of emergency locations, networks and sites; include below a language."""

from __future__ import annotations

from django.urls import path

from kiestoon.portal.emergency import network_views, phone_views, site_views, views

urlpatterns = [
    path("locations/", views.list_locations, name="locations"),
    path("locations/<int:device_id>/", views.show_location, name="location"),
    path("where/<str:token>/", views.where_now, name="where_now"),
    path("phone/location/", phone_views.phone_location, name="phone_location"),
    path("networks/", network_views.list_networks, name="networks"),
    path("networks/<int:table_id>/verified/", network_views.verify, name="verify_networks"),
    path("trunks/<slug:trunk_id>/sites/", site_views.list_sites, name="sites"),
    path("trunks/<slug:trunk_id>/sites/add/", site_views.add, name="add_site"),
    path("trunks/<slug:trunk_id>/sites/<int:site_id>/", site_views.edit, name="edit_site"),
    path("trunks/<slug:trunk_id>/sites/<int:site_id>/remove/", site_views.remove, name="remove_site"),
]
