"""Forms about a customer and its addresses."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from kiestoon.portal.customers.civic import NewAddress
from kiestoon.portal.customers.models import Address, Customer, Language
from kiestoon.portal.customers.services import customer_version
from kiestoon.portal.customers.suggesting import Suggesting
from kiestoon.portal.pages.fields import LinesField, telephone
from kiestoon.portal.pages.forms import Form, VersionedForm
from kiestoon.portal.versions import version_of

ADDRESS_FIELDS = (
    *("street", "house_number", "house_number_suffix", "floor", "room", "unit"),
    *("postcode", "municipality", "part", "province", "country"),
)


class AddressFields(forms.Form):
    """A civic address, as an emergency centre needs it."""

    street = forms.CharField(label=gettext_lazy("Street"), max_length=100)
    house_number = forms.CharField(label=gettext_lazy("House number"), max_length=10)
    house_number_suffix = forms.CharField(
        label=gettext_lazy("Suffix of the house number"), required=False, max_length=10
    )
    floor = forms.CharField(label=gettext_lazy("Floor"), required=False, max_length=20)
    room = forms.CharField(label=gettext_lazy("Room"), required=False, max_length=40)
    unit = forms.CharField(label=gettext_lazy("Box or door"), required=False, max_length=20)
    postcode = forms.CharField(
        label=gettext_lazy("Postcode"), max_length=10, widget=Suggesting("postcodes", inputmode="numeric")
    )
    municipality = forms.CharField(
        label=gettext_lazy("Municipality"), max_length=60, widget=Suggesting("municipalities")
    )
    part = forms.CharField(
        label=gettext_lazy("Village or part of the municipality"), required=False, max_length=60
    )
    province = forms.CharField(
        label=gettext_lazy("Province"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Leave empty: the municipality tells."),
    )
    country = forms.CharField(
        label=gettext_lazy("Country"),
        min_length=2,
        max_length=2,
        initial="BE",
        help_text=gettext_lazy("Two letters, for example BE."),
    )

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).upper()


def given_address(cleaned: dict[str, Any]) -> NewAddress:
    return NewAddress(**{name: cleaned[name] for name in ADDRESS_FIELDS})


class EvidenceField(forms.Form):
    """What shows that lines are installed at an address (WEC art. 107 §4)."""

    evidence = forms.CharField(
        label=gettext_lazy("Document that shows the installation here"),
        required=False,
        max_length=200,
        help_text=gettext_lazy(
            "Its reference, for example a work order or a contract. Without it the address is declared only."
        ),
    )


class NewCustomerForm(Form, AddressFields, EvidenceField):
    """A customer has an address from the first day: an emergency centre must have one."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=Language.choices)
    field_order = ["name", "language"]


class AddressForm(VersionedForm, AddressFields, EvidenceField):
    def __init__(self, data: Any, *, address: Address) -> None:
        initial = {name: getattr(address, name) for name in (*ADDRESS_FIELDS, "evidence")}
        super().__init__(data, initial=initial, version=version_of(address, customer_id=address.customer_id))


class CustomerForm(VersionedForm):
    """What the customer's own people may change; OperatorCustomerForm has the rest."""

    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=Language.choices)
    main_number = forms.CharField(
        label=gettext_lazy("Main number"),
        required=False,
        max_length=16,
        widget=telephone(),
        help_text=gettext_lazy("One of the customer's numbers: shown by users without their own."),
    )
    outside_prefix = forms.CharField(
        label=gettext_lazy("Digits for an outside line"),
        required=False,
        max_length=3,
        widget=telephone(),
        help_text=gettext_lazy("What people may dial first out of habit, for example 0. Usually nothing."),
    )

    def __init__(self, data: Any, *, customer: Customer) -> None:
        initial = {name: getattr(customer, name) for name in self.base_fields if hasattr(customer, name)}
        super().__init__(data, initial=initial, version=customer_version(customer))


class OperatorCustomerForm(CustomerForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    suspended = forms.BooleanField(
        label=gettext_lazy("Suspended"),
        required=False,
        help_text=gettext_lazy("Nobody reaches the customer, and its phones reach emergency services only."),
    )
    field_order = ["name"]


class BlockedNumbersForm(VersionedForm):
    blocked = LinesField(
        label=gettext_lazy("Numbers whose calls are refused"),
        required=False,
        help_text=gettext_lazy("One a line, for example 0470 12 34 56."),
    )

    def __init__(self, data: Any, *, customer: Customer) -> None:
        super().__init__(data, initial={"blocked": customer.blocked}, version=customer_version(customer))
