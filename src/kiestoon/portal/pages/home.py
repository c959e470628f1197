"""The first page after signing in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from kiestoon.portal.pages.rooms import access_of


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The list of calls, until there is more to say about today."""
    if access_of(request).may("calls:read"):
        return redirect("calls")
    return render(request, "home.html")
