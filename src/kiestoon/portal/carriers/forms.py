"""Forms about trunks, the special interface and the operator itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kiestoon.portal.carriers.models import Operator, SpecialInterface, Trunk
from kiestoon.portal.carriers.services import trunk_version
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.pages.fields import LinesField, literal, telephone
from kiestoon.portal.pages.forms import VersionedForm
from kiestoon.portal.versions import version_of

TRUNK_FIELDS = (
    *("name", "uri", "addresses", "interface", "priority", "main_number"),
    *("max_calls", "reserved_calls", "call_back_numbers"),
)


def kind_words() -> dict[str, str]:
    return {
        Trunk.Kind.CARRIER: _("Carrier"),
        Trunk.Kind.EMERGENCY: _("Emergency centre"),
        Trunk.Kind.CUSTOMER_PBX: _("Customer's own exchange (PBX)"),
    }


def interface_words() -> dict[str, str]:
    """Classes of interface (RD Spoofing of 12 May 2024, arts. 2 and 4)."""
    return {
        Trunk.Interface.NATIONAL: _("National"),
        Trunk.Interface.INTERNATIONAL: _("International"),
        Trunk.Interface.SPECIAL: _("Special (RD Spoofing, art. 4)"),
    }


class TrunkForm(VersionedForm):
    """What can change; NewTrunkForm has what is chosen once."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    uri = forms.CharField(
        label=gettext_lazy("SIP address of the other end"),
        max_length=200,
        widget=literal(),
        help_text=gettext_lazy("For example sip:192.0.2.1:5060;transport=tcp."),
    )
    addresses = LinesField(
        label=gettext_lazy("Addresses it calls from"),
        help_text=gettext_lazy("One a line, with a port where several trunks share an address."),
    )
    interface = forms.ChoiceField(
        label=gettext_lazy("Class of interface"),
        help_text=gettext_lazy("Decides which calling numbers are believed (RD of 12 May 2024)."),
    )
    priority = forms.IntegerField(
        label=gettext_lazy("Priority"),
        min_value=0,
        max_value=32767,
        help_text=gettext_lazy("The lowest is tried first among trunks of one kind."),
    )
    main_number = forms.CharField(
        label=gettext_lazy("Number shown"),
        required=False,
        max_length=16,
        widget=telephone(),
        help_text=gettext_lazy(
            "Only for a customer's exchange: shown when it sends a number its customer does not hold."
        ),
    )
    max_calls = forms.IntegerField(
        label=gettext_lazy("Calls at a time"),
        required=False,
        min_value=0,
        max_value=32767,
        help_text=gettext_lazy("What the other end takes, both ways; 0 when there is no limit."),
    )
    reserved_calls = forms.IntegerField(
        label=gettext_lazy("Of them kept for emergency calls"),
        required=False,
        min_value=0,
        max_value=32767,
        help_text=gettext_lazy("Ordinary calls leave this many free."),
    )
    call_back_numbers = LinesField(
        label=gettext_lazy("Numbers the centre calls back from"),
        required=False,
        help_text=gettext_lazy(
            "Only for an emergency centre: a call from one of them, over any carrier, rings through to "
            "whoever called 112 in the last 24 hours. One a line."
        ),
    )
    agreement = forms.CharField(
        label=gettext_lazy("Reference of the written agreement"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Only for a special interface (RD of 12 May 2024, art. 4 §3)."),
    )

    def __init__(self, data: Any, *, trunk: Trunk, special: SpecialInterface | None = None) -> None:
        initial = {name: getattr(trunk, name) for name in TRUNK_FIELDS}
        initial["agreement"] = special.agreement if special else ""
        super().__init__(data, initial=initial, version=trunk_version(trunk))
        field = self.fields["interface"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(interface_words().items())

    @property
    def changes(self) -> dict[str, Any]:
        """What `create_trunk` and `change_trunk` take."""
        values = dict(self.cleaned_data)
        agreement = values.pop("agreement")
        for name in ("max_calls", "reserved_calls"):
            values[name] = values[name] or 0
        if agreement and values["interface"] == Trunk.Interface.SPECIAL:
            values["special"] = {"agreement": agreement}
        return values

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("agreement") and cleaned.get("interface") != Trunk.Interface.SPECIAL:
            self.add_error("agreement", _("Leave this empty: only a special interface has an agreement."))
        return cleaned


class NewTrunkForm(TrunkForm):
    """The same, with name in the routing store, kind and customer."""

    trunk_id = forms.SlugField(
        label=gettext_lazy("Short name"),
        max_length=40,
        widget=literal(),
        help_text=gettext_lazy("Letters, digits and hyphens; stays as it is, call records quote it."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"))
    customer_id = forms.IntegerField(
        label=gettext_lazy("Number of the customer"),
        required=False,
        help_text=gettext_lazy("Only for a customer's exchange; it is on the customer's page."),
    )
    field_order = ["trunk_id", "name", "kind", "customer_id"]

    def __init__(self, data: Any, *, customer_id: int | None = None) -> None:
        super().__init__(data, trunk=Trunk())
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(kind_words().items())
        if customer_id is not None:
            self.initial.update(customer_id=customer_id, kind=Trunk.Kind.CUSTOMER_PBX)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        customer_id = cleaned.get("customer_id")
        is_pbx = cleaned.get("kind") == Trunk.Kind.CUSTOMER_PBX
        if is_pbx and customer_id is None:
            self.add_error("customer_id", _("Enter the number of the customer whose exchange this is."))
        elif not is_pbx and customer_id is not None:
            self.add_error("customer_id", _("Leave this empty: only an exchange belongs to a customer."))
        elif customer_id is not None and not Customer.objects.filter(pk=customer_id).exists():
            self.add_error("customer_id", _("There is no customer %(entered)s.") % {"entered": customer_id})
        return cleaned


class SpecialInterfaceForm(VersionedForm):
    """The agreement (RD Spoofing art. 4): without one, nothing passes the special interface."""

    agreement = forms.CharField(
        label=gettext_lazy("Reference of the written agreement"),
        max_length=200,
        help_text=gettext_lazy("With the originating operator (art. 4 §3)."),
    )
    nomadic = forms.BooleanField(label=gettext_lazy("Nomadic calls may pass"), required=False)
    cloud_numbers = LinesField(
        label=gettext_lazy("Numbers of conference, support and marketing services"),
        required=False,
        help_text=gettext_lazy("The whole list, one number a line (art. 4 §3)."),
    )
    blocked = LinesField(
        label=gettext_lazy("Blocked numbers"),
        required=False,
        help_text=gettext_lazy(
            "Their user was not identified to BIPT within 24 hours (art. 4 §2); one a line."
        ),
    )
    suspended = forms.BooleanField(
        label=gettext_lazy("BIPT has suspended the right (art. 5)"), required=False
    )

    def __init__(self, data: Any, *, trunk: Trunk, special: SpecialInterface | None) -> None:
        names = ("agreement", "nomadic", "cloud_numbers", "blocked", "suspended")
        row = special or SpecialInterface(trunk=trunk)
        initial = {name: getattr(row, name) for name in names}
        super().__init__(data, initial=initial, version=version_of(row, trunk_id=trunk.trunk_id))


class OperatorForm(VersionedForm):
    """Who we are on the SIP side."""

    realm = forms.CharField(
        label=gettext_lazy("Realm"),
        max_length=100,
        widget=literal(),
        help_text=gettext_lazy("Every password is bound to it: it stays while there are users."),
    )
    domains = LinesField(
        label=gettext_lazy("SIP domains"),
        help_text=gettext_lazy("One a line; the first is what phones are told."),
    )
    blocks = LinesField(
        label=gettext_lazy("Number blocks"),
        required=False,
        help_text=gettext_lazy("The first digits of the numbers we hold, one block a line: +323808."),
    )
    roaming_check = forms.CharField(
        label=gettext_lazy("Document on the check of roaming"),
        required=False,
        max_length=200,
        help_text=gettext_lazy(
            "Reference of what proves that roaming cannot be checked (RD of 12 May 2024, art. 1). Without "
            "it, Belgian mobile numbers from abroad are blocked."
        ),
    )

    def __init__(self, data: Any, *, operator: Operator | None) -> None:
        row = operator or Operator()
        names = ("realm", "domains", "blocks", "roaming_check")
        super().__init__(data, initial={name: getattr(row, name) for name in names}, version=version_of(row))
