"""Forms about places, networks and sites."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kiestoon.portal.customers.forms import ADDRESS_FIELDS, AddressFields, EvidenceField
from kiestoon.portal.emergency.models import Site
from kiestoon.portal.pages.fields import telephone
from kiestoon.portal.pages.forms import Form, VersionedForm
from kiestoon.portal.versions import version_of

MOST_BYTES = 2_000_000


class PlaceForm(Form, AddressFields):
    """Another address than those to choose with one tap; also abroad."""


class AskedPlaceForm(PlaceForm):
    """For the operator's staff."""

    asked = forms.BooleanField(
        label=gettext_lazy("The user said so on the telephone"),
        required=False,
        help_text=gettext_lazy("The place is then confirmed; otherwise it is declared by you."),
    )
    field_order = ["asked"]


class NetworksForm(Form):
    """A whole table of networks."""

    origin = forms.CharField(
        label=gettext_lazy("Where it comes from"),
        max_length=200,
        help_text=gettext_lazy("For example the registry's file and its date."),
    )
    file = forms.FileField(
        label=gettext_lazy("File (CSV)"),
        required=False,
        help_text=gettext_lazy("The first line is prefix,asn,country,name. At most 20,000 networks."),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )
    pasted = forms.CharField(
        label=gettext_lazy("Or its lines"),
        required=False,
        max_length=MOST_BYTES,
        widget=forms.Textarea(attrs={"rows": 4, "autocapitalize": "none", "spellcheck": "false"}),
    )

    def clean_file(self) -> str:
        """Its text."""
        file = self.cleaned_data["file"]
        if file is None:
            return ""
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 2 MB."))
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("The file is no text in UTF-8.")) from error

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "file" in cleaned and not cleaned["file"] and not cleaned.get("pasted"):
            self.add_error("file", _("Choose a file, or paste its lines."))
        return cleaned

    @property
    def table(self) -> str:
        return str(self.cleaned_data["file"] or self.cleaned_data["pasted"])


class SiteForm(VersionedForm, AddressFields):
    """For the customer's administrator; OperatorSiteForm has what shows the installation."""

    prefix = forms.CharField(  # type: ignore[assignment]  # fields never become attributes of the class
        label=gettext_lazy("First digits"),
        max_length=16,
        widget=telephone(),
        help_text=gettext_lazy(
            "Of the extensions there, for example 2 for 200 to 299; or of numbers, with +. The longest that "
            "fits counts."
        ),
    )
    name = forms.CharField(label=gettext_lazy("Name of the site"), max_length=100)
    field_order = ["prefix", "name"]

    def __init__(self, data: Any, *, site: Site) -> None:
        initial = {name: getattr(site, name) for name in ("prefix", "name", "evidence", *ADDRESS_FIELDS)}
        super().__init__(data, initial=initial, version=version_of(site, trunk_id=site.trunk_id))


class OperatorSiteForm(SiteForm, EvidenceField):
    pass
