"""Addresses of numbers."""

from __future__ import annotations

from django.urls import path

from kiestoon.portal.numbers import views

urlpatterns = [
    path("numbers/", views.list_numbers, name="numbers"),
    path("numbers/<str:e164>/", views.edit_number, name="number"),
    path("numbers/<str:e164>/take-back/", views.take_back, name="take_back_number"),
    path("customers/<int:customer_id>/give-number/", views.give, name="give_number"),
]
