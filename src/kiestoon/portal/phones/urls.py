"""Addresses of users, devices and forwarding."""

from __future__ import annotations

from django.urls import path

from kiestoon.portal.phones import editing, forwarding, setup, views

urlpatterns = [
    path("users/", views.list_users, name="users"),
    path("users/<str:username>/", views.show_user, name="user"),
    path("users/<str:username>/change/", editing.edit_user, name="edit_user"),
    path("users/<str:username>/barring/", editing.bar_calls, name="bar_calls"),
    path("users/<str:username>/lock/", editing.lock_user, name="lock_user"),
    path("users/<str:username>/suspension/", editing.suspend_user, name="suspend_user"),
    path("users/<str:username>/remove/", editing.delete_user, name="delete_user"),
    path("users/<str:username>/password/", setup.renew_password, name="new_phone_password"),
    path("users/<str:username>/set-up/", setup.set_up_phone, name="set_up_phone"),
    path("users/<str:username>/device/", setup.remove_device, name="remove_device"),
    path("customers/<int:customer_id>/add-user/", editing.add_user, name="add_user"),
    path("forwarding/", forwarding.list_forwarding, name="forwarding"),
    path("forwarding/<str:username>/", forwarding.edit_forwarding, name="forwarding_of"),
]
