"""Addresses of the room of webhooks."""

from __future__ import annotations

from django.urls import path

from kiestoon.portal.webhooks import views

urlpatterns = [
    path("webhooks/", views.list_webhooks, name="webhooks"),
    path("webhooks/add/", views.add_webhook, name="add_webhook"),
    path("webhooks/<slug:endpoint_id>/", views.show_webhook, name="webhook"),
    path("webhooks/<slug:endpoint_id>/change/", views.change_webhook, name="change_webhook"),
    path("webhooks/<slug:endpoint_id>/switch/", views.switch_webhook, name="switch_webhook"),
    path("webhooks/<slug:endpoint_id>/secret/", views.rotate_secret, name="rotate_webhook_secret"),
    path("webhooks/<slug:endpoint_id>/test/", views.test_webhook, name="test_webhook"),
    path("webhooks/<slug:endpoint_id>/remove/", views.remove_webhook, name="remove_webhook"),
    path(
        "webhooks/<slug:endpoint_id>/deliveries/<int:delivery>/again/",
        views.send_again,
        name="send_delivery_again",
    ),
]
