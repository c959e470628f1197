"""What is asked about a webhook."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from kiestoon.portal.customers.choosing import CustomerField
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.pages.forms import Form, dress
from kiestoon.portal.people.access import Access
from kiestoon.portal.webhooks.models import EventType
from kiestoon.portal.webhooks.words import EVENTS


class EndpointForm(Form):
    """An endpoint; the operator chooses whose calls it hears of."""

    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("Where your program listens, for example https://crm.example.be/calls."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    description = forms.CharField(
        label=_("What it is for"),
        max_length=100,
        required=False,
        help_text=_("So that others know later, for example: our customer database."),
    )
    events = forms.MultipleChoiceField(
        label=_("Tell when"),
        choices=EVENTS,
        initial=[EventType.CALL_STARTED, EventType.CALL_ENDED],
        widget=forms.CheckboxSelectMultiple,
    )


class NewEndpointForm(EndpointForm):
    """For the operator with the choice of a customer."""

    def __init__(self, access: Access, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if access.is_operator:
            field = CustomerField(
                Customer.objects.none(),
                label=_("Whose calls"),
                required=False,
                empty_label=_("Of every customer (operator)"),
            )
            field.offer(Customer.objects.all())
            self.fields["customer"] = field
            dress(self)
