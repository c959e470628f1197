"""What a customer says of a number for the central number database."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kiestoon.portal.number_database.models import Listing
from kiestoon.portal.number_database.services import CHANGEABLE
from kiestoon.portal.pages.forms import VersionedForm
from kiestoon.portal.versions import version_of


class ListingForm(VersionedForm):
    """Names, consents, and a remark on the address."""

    company = forms.CharField(
        label=_("Company"),
        max_length=200,
        required=False,
        help_text=_("Empty: the customer’s name. Leave it empty when the number is a person’s."),
    )
    last_name = forms.CharField(label=_("Last name"), max_length=100, required=False)
    first_name = forms.CharField(label=_("First name"), max_length=100, required=False)
    initials = forms.CharField(label=_("Initials"), max_length=20, required=False)
    directory = forms.BooleanField(label=_("Put this number in telephone directories"), required=False)
    professional_activity = forms.CharField(label=_("Professional activity"), max_length=100, required=False)
    activity_consent = forms.BooleanField(
        label=_("The professional activity may be published too"), required=False
    )
    do_not_call = forms.BooleanField(label=_("No calls for advertising (“Do not call me”)"), required=False)
    address_remark = forms.CharField(
        label=_("What is wrong with the address?"),
        max_length=300,
        required=False,
        help_text=_("We check it and correct the address, for emergency calls too. Free of charge."),
    )

    def __init__(self, *args: Any, listing: Listing, **kwargs: Any) -> None:
        initial = {name: getattr(listing, name) for name in CHANGEABLE}
        version = version_of(listing, e164=listing.number_id)
        super().__init__(*args, initial=initial, version=version, **kwargs)
