"""The room Access; include below a language."""

from __future__ import annotations

from django.urls import path

from kiestoon.portal.people import views

urlpatterns = [
    path("access/", views.list_people, name="access"),
    path("access/people/new/", views.add_person, name="add_person"),
    path("access/people/<int:person_id>/", views.show_person, name="person"),
    path("access/people/<int:person_id>/change/", views.change_person, name="change_person"),
    path("access/people/<int:person_id>/switch/", views.switch_person, name="switch_person"),
    path("access/people/<int:person_id>/password/", views.reset_password, name="reset_password"),
    path(
        "access/people/<int:person_id>/second-factors/",
        views.reset_second_factors,
        name="reset_second_factors",
    ),
    path("access/people/<int:person_id>/sign-out/", views.sign_out_everywhere, name="sign_out_everywhere"),
    path("access/tokens/", views.list_tokens, name="tokens"),
    path("access/tokens/new/", views.add_token, name="add_token"),
    path("access/tokens/<int:token_id>/revoke/", views.revoke_token, name="revoke_token"),
    path("access/roles/", views.show_roles, name="roles"),
]
