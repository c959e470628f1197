"""The forms of the room Access."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kiestoon.portal.customers.choosing import CustomerField
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.pages.forms import Form, VersionedForm, dress
from kiestoon.portal.people.access import Access
from kiestoon.portal.people.models import CUSTOMER_ROLES, Person, Role
from kiestoon.portal.people.scopes import choices, word_of_role
from kiestoon.portal.phones.models import TelephoneUser

DAYS = (7, 30, 90, 365)
MOST_TO_CHOOSE = 100
"""Entries of a list to choose from."""


class NewPersonForm(Form):
    """Somebody who shall sign in."""

    username = forms.CharField(
        label=gettext_lazy("User name"),
        help_text=gettext_lazy("What the person signs in with: letters, digits and @ . + - _"),
        max_length=150,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none"}),
    )
    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=150, required=False)
    role = forms.ChoiceField(label=gettext_lazy("Role"))
    customer = CustomerField(
        Customer.objects.none(),
        label=gettext_lazy("Customer"),
        required=False,
        empty_label=gettext_lazy("None"),
        help_text=gettext_lazy("Only for the roles of customers."),
    )

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _field(self, "role").choices = _roles(access)
        if access.is_operator:
            field = self.fields["customer"]
            assert isinstance(field, CustomerField)
            field.offer(access.visible(Customer.objects.all(), customer="pk"))
            dress(self)
        else:
            del self.fields["customer"]


class PersonForm(VersionedForm):
    """What an administrator changes of a person."""

    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=150, required=False)
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        help_text=gettext_lazy("Where notices about emergency calls go."),
        error_messages={"invalid": gettext_lazy("Enter a mail address, for example an@example.be.")},
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"))
    telephone_user = forms.ModelChoiceField(
        TelephoneUser.objects.none(),
        label=gettext_lazy("Telephone user"),
        required=False,
        empty_label=gettext_lazy("None"),
        help_text=gettext_lazy("Whose calls and devices a person of the role customer’s user sees."),
    )

    def __init__(self, *args: Any, person: Person, access: Access, **kwargs: Any) -> None:
        initial = {name: getattr(person, name) for name in ("first_name", "last_name", "email", "role")}
        super().__init__(*args, initial={**initial, "telephone_user": person.telephone_user_id}, **kwargs)
        is_customers = person.role in CUSTOMER_ROLES
        _field(self, "role").choices = [
            (role, words) for role, words in _roles(access) if (role in CUSTOMER_ROLES) == is_customers
        ]
        if is_customers:
            self._offer_users(person)
        else:
            del self.fields["telephone_user"]

    def _offer_users(self, person: Person) -> None:
        """A list of few users; of many the name is typed: nobody reads a list of thousands."""
        users = TelephoneUser.objects.filter(customer=person.customer)
        field = _field(self, "telephone_user")
        field.queryset = users
        if len(users.values_list("pk")[: MOST_TO_CHOOSE + 1]) <= MOST_TO_CHOOSE:
            return
        field.to_field_name = "username"
        field.widget = forms.TextInput({"class": "form-control", "autocapitalize": "none"})
        field.help_text = _("SIP name of whose calls and devices a person of the role customer’s user sees.")
        field.error_messages["invalid_choice"] = _("There is no such user.")
        self.initial["telephone_user"] = person.telephone_user


class TokenForm(Form):
    """A token for a program: a name, what it may do, for how long."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        help_text=gettext_lazy("Which program uses it, for example: nightly export."),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"), widget=forms.CheckboxSelectMultiple
    )
    days = forms.TypedChoiceField(label=gettext_lazy("How long"), coerce=int, initial=90)

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _field(self, "scopes").choices = choices(access.scopes)
        _field(self, "days").choices = [
            (days, ngettext("%(count)d day", "%(count)d days", days) % {"count": days}) for days in DAYS
        ]

    @property
    def lasts(self) -> timedelta:
        return timedelta(days=self.cleaned_data["days"])


def _roles(access: Access) -> list[tuple[str, str]]:
    """Those this access may give, the least first for customers' people."""
    mine = [role for role in Role.values if access.may_give(role)]
    return [("", _("Choose a role")), *((role, word_of_role(role)) for role in mine)]


def _field(form: forms.Form, name: str) -> Any:
    return form.fields[name]
