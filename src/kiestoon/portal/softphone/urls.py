"""The phone's page; include below a language."""

from django.urls import path

from kiestoon.portal.softphone.views import phone

urlpatterns = [path("phone/", phone, name="phone")]
