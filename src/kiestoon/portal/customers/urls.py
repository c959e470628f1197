"""Addresses of customers."""

from __future__ import annotations

from django.urls import path

from kiestoon.portal.customers import views

urlpatterns = [
    path("customers/", views.list_customers, name="customers"),
    path("customers/add/", views.add_customer, name="add_customer"),
    path("customers/<int:customer_id>/", views.show_customer, name="customer"),
    path("customers/<int:customer_id>/change/", views.edit_customer, name="edit_customer"),
    path("customers/<int:customer_id>/blocked/", views.edit_blocked_numbers, name="blocked_numbers"),
    path("customers/<int:customer_id>/addresses/add/", views.add_customer_address, name="add_address"),
    path(
        "customers/<int:customer_id>/addresses/<int:address_id>/",
        views.edit_customer_address,
        name="edit_address",
    ),
    path(
        "customers/<int:customer_id>/addresses/<int:address_id>/choose/",
        views.choose_address,
        name="choose_address",
    ),
]
