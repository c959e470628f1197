"""The room Security; include below a language."""

from django.urls import path

from kiestoon.portal.security.views import ban_address, security, undo_ban

urlpatterns = [
    path("security/", security, name="security"),
    path("security/ban/", ban_address, name="security_ban"),
    path("security/undo/", undo_ban, name="security_undo"),
]
