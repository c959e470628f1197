"""Pages of the emergency notice; include below a language."""

from __future__ import annotations

from django.urls import path

from kiestoon.portal.notices import views
from kiestoon.portal.notices.stickers import print_stickers

urlpatterns = [
    path("emergency-notice/", views.show_notice, name="notice"),
    path("emergency-notice/versions/<int:version>/", views.show_version, name="notice_version"),
    path("emergency-notice/deliveries/", views.list_deliveries, name="notice_deliveries"),
    path("emergency-notice/deliveries/<int:delivery>/came-back/", views.came_back, name="notice_came_back"),
    path("emergency-notice/stickers/", print_stickers, name="notice_stickers"),
    path("customers/<int:customer_id>/emergency-notice/", views.customer_notice, name="customer_notice"),
]
