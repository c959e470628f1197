"""Forms about numbers: what one rings, giving one to a customer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kiestoon.portal.carriers.models import Trunk
from kiestoon.portal.numbers.models import Number
from kiestoon.portal.numbers.services import Target
from kiestoon.portal.pages.fields import telephone
from kiestoon.portal.pages.forms import Form, VersionedForm
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.portal.versions import version_of


class TargetForm(VersionedForm):
    """What the number rings: one user, everyone of the customer, or one of its trunks."""

    kind = forms.ChoiceField(
        label=gettext_lazy("It rings"),
        choices=(
            (Number.Kind.USER, gettext_lazy("One user")),
            (Number.Kind.EVERYONE, gettext_lazy("Everyone of the customer")),
            (Number.Kind.TRUNK, gettext_lazy("The customer's own exchange (PBX)")),
        ),
        widget=forms.RadioSelect,
    )
    extension = forms.CharField(
        label=gettext_lazy("Extension of the user"), required=False, max_length=9, widget=telephone()
    )
    trunk = forms.ModelChoiceField(
        queryset=Trunk.objects.none(), required=False, label=gettext_lazy("Exchange (PBX)")
    )

    def __init__(self, data: Any, *, number: Number) -> None:
        self._customer_id = number.customer_id
        initial = {
            "kind": number.kind,
            "extension": number.user.extension if number.user else "",
            "trunk": number.trunk_id,
        }
        super().__init__(data, initial=initial, version=version_of(number, e164=number.e164))
        field = self.fields["trunk"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Trunk.objects.filter(customer_id=number.customer_id)
        self.target: Target = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("kind")
        if kind == Number.Kind.USER:
            extension = cleaned.get("extension", "").removeprefix("*")
            users = TelephoneUser.objects.filter(customer_id=self._customer_id, extension=extension)
            self.target = users.first()
            if self.target is None:
                self.add_error("extension", _("Enter the extension of a user of this customer."))
        elif kind == Number.Kind.TRUNK:
            self.target = cleaned.get("trunk")
            if self.target is None:
                self.add_error("trunk", _("Choose one of the customer's exchanges."))
        return cleaned


class GiveNumberForm(Form):
    """A number for a customer; it rings everyone until it is pointed elsewhere."""

    e164 = forms.CharField(label=gettext_lazy("Number"), max_length=24, widget=telephone())
    ported_in = forms.BooleanField(
        label=gettext_lazy("Ported in from another operator"),
        required=False,
        help_text=gettext_lazy("For a number outside this operator's own blocks."),
    )
