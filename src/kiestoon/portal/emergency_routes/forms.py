"""Forms of the routing table and of the policy."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from kiestoon.domain.emergency.table import SERVICES
from kiestoon.portal.emergency_routes.models import Area, PolicyDecision, Route, Table
from kiestoon.portal.emergency_routes.services import emergency_trunks
from kiestoon.portal.emergency_routes.words import policy_words
from kiestoon.portal.pages.fields import literal, telephone
from kiestoon.portal.pages.forms import Form

MOST_BYTES = 1 << 20


def _day(**more: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


class OriginForm(Form):
    """Where the data come from."""

    origin = forms.CharField(
        label=gettext_lazy("Where the data come from"),
        max_length=300,
        help_text=gettext_lazy("For example the letter they came with, and its date."),
    )
    to_verify = forms.BooleanField(
        label=gettext_lazy("To verify: not yet checked with the authority that knows"),
        required=False,
        initial=True,
    )


class LoadForm(OriginForm):
    """Two files; `docs/flows/emergency-routing.md` has their columns."""

    areas = forms.FileField(
        label=gettext_lazy("Areas (CSV)"),
        help_text=gettext_lazy("key, name_nl, name_fr, name_de, name_en, municipalities (NIS codes)"),
    )
    routes = forms.FileField(
        label=gettext_lazy("Routes (CSV)"),
        help_text=gettext_lazy(
            "service, area, trunk, rank, testing; also request_user, valid_from, valid_until"
        ),
    )

    def text(self, name: str) -> str:
        """ValueError when the file is too large or no UTF-8."""
        file = self.cleaned_data[name]
        if file.size > MOST_BYTES:
            raise ValueError
        content: bytes = file.read()
        return content.decode()


class AreaForm(Form):
    """An area of a draft."""

    key = forms.SlugField(label=gettext_lazy("Key"), max_length=40, widget=literal())
    name_nl = forms.CharField(label=gettext_lazy("Name in Dutch"), max_length=100)
    name_fr = forms.CharField(label=gettext_lazy("Name in French"), max_length=100)
    name_de = forms.CharField(label=gettext_lazy("Name in German"), max_length=100)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=100)
    municipalities = forms.CharField(
        label=gettext_lazy("Municipalities"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=gettext_lazy("NIS codes, with spaces between."),
    )
    to_verify = forms.BooleanField(label=gettext_lazy("To verify"), required=False, initial=True)
    origin = forms.CharField(label=gettext_lazy("Origin, when it differs"), required=False, max_length=300)

    def __init__(self, data: Any, area: Area) -> None:
        names = ("key", "name_nl", "name_fr", "name_de", "name_en", "to_verify", "origin")
        initial = {name: getattr(area, name) for name in names}
        initial["municipalities"] = " ".join(area.municipalities)
        super().__init__(data, initial=initial)
        if not area._state.adding:
            del self.fields["key"]

    @property
    def changes(self) -> dict[str, Any]:
        return {**self.cleaned_data, "municipalities": self.cleaned_data["municipalities"].split()}


class RouteForm(Form):
    """A route of a draft."""

    service = forms.ChoiceField(label=gettext_lazy("Service"), choices=[(one, one) for one in SERVICES])
    area = forms.ChoiceField(label=gettext_lazy("Area"), required=False)
    trunk = forms.ChoiceField(label=gettext_lazy("Trunk"))
    request_user = forms.CharField(
        label=gettext_lazy("Number asked of the trunk"),
        required=False,
        max_length=40,
        widget=telephone(),
        help_text=gettext_lazy("Leave empty for the number of the service."),
    )
    rank = forms.IntegerField(
        label=gettext_lazy("Rank"), min_value=1, max_value=99, help_text=gettext_lazy("1 is tried first.")
    )
    valid_from = _day(label=gettext_lazy("Holds from"), required=False)
    valid_until = _day(
        label=gettext_lazy("Holds no longer from"), required=False, help_text=gettext_lazy("Empty: for good.")
    )
    testing = forms.BooleanField(
        label=gettext_lazy("Drills may call by it, as agreed with the centre"), required=False
    )
    to_verify = forms.BooleanField(label=gettext_lazy("To verify"), required=False, initial=True)
    origin = forms.CharField(label=gettext_lazy("Origin, when it differs"), required=False, max_length=300)

    def __init__(self, data: Any, route: Route, areas: list[tuple[str, str]]) -> None:
        super().__init__(data, initial={name: getattr(route, name) for name in self.base_fields})
        for name, choices in (("area", areas), ("trunk", [(one, one) for one in emergency_trunks()])):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices


class ProposeForm(Form):
    """From when on."""

    in_force = _day(label=gettext_lazy("In force from"))


class RefuseForm(Form):
    why = forms.CharField(label=gettext_lazy("Why it is refused"), max_length=300)


class PolicyForm(Form):
    """A proposal for the policy."""

    policy = forms.ChoiceField(label=gettext_lazy("What happens to the call"), widget=forms.RadioSelect)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)
    document = forms.CharField(
        label=gettext_lazy("Reference of the recorded decision"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Needed to announce: the operator’s decision, or the authority’s letter."),
    )
    document_date = _day(label=gettext_lazy("Day of the decision"), required=False)
    signed_by = forms.CharField(label=gettext_lazy("Who took it"), required=False, max_length=150)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        field = self.fields["policy"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one, policy_words(one)) for one in PolicyDecision.Policy.values]


def initial_origin(table: Table) -> dict[str, Any]:
    return {"origin": table.origin, "to_verify": table.to_verify}
