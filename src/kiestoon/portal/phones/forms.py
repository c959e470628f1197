"""Forms about one telephone user."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from kiestoon.belgium.numbering import as_written
from kiestoon.portal.customers.models import Address
from kiestoon.portal.pages.fields import literal, telephone
from kiestoon.portal.pages.forms import Form, VersionedForm
from kiestoon.portal.phones.listing import call_type_words
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.portal.phones.services import user_version
from kiestoon.portal.phones.validation import RING_SECONDS, check_no_circle, read_forwarding_target

CONDITION_FIELDS = {
    "always": "always",
    "busy": "busy",
    "no_answer": "no-answer",
    "unreachable": "unreachable",
}
"""Fields of the form of forwardings, and the condition each is."""
FORWARDING_FIELDS = ("ring_seconds", "reject_anonymous", "stop_forwarding", "clir")


class NewUserForm(Form):
    """Name first: the SIP name is proposed from it when left empty."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    extension = forms.CharField(
        label=gettext_lazy("Extension"),
        max_length=8,
        widget=telephone(),
        help_text=gettext_lazy("2 to 6 digits, for calls between colleagues."),
    )
    username = forms.CharField(
        label=gettext_lazy("SIP user name"),
        max_length=64,
        required=False,
        widget=literal(),
        help_text=gettext_lazy("What the phone signs in with. Leave empty: we make one of the name."),
    )
    nomadic = forms.BooleanField(
        label=gettext_lazy("Also used away from the office"),
        required=False,
        help_text=gettext_lazy("Emergency services are then told that the caller may be elsewhere."),
    )


class UserForm(VersionedForm):
    """What is the user's own: not what happens to calls, see ForwardingForm."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    extension = forms.CharField(
        label=gettext_lazy("Extension"),
        max_length=8,
        widget=telephone(),
        help_text=gettext_lazy("2 to 6 digits, for calls between colleagues."),
    )
    nomadic = forms.BooleanField(
        label=gettext_lazy("Also used away from the office"),
        required=False,
        help_text=gettext_lazy("Emergency services are then told that the caller may be elsewhere."),
    )
    srtp = forms.ChoiceField(
        label=gettext_lazy("Encryption of speech"),
        choices=(
            ("auto", gettext_lazy("When the phone can")),
            ("required", gettext_lazy("Always: a phone that cannot makes no calls")),
            ("never", gettext_lazy("Never")),
        ),
    )
    address = forms.ModelChoiceField(
        queryset=Address.objects.none(),
        required=False,
        label=gettext_lazy("Address for emergency calls"),
        empty_label=gettext_lazy("The customer's own address"),
    )

    def __init__(self, data: Any, *, user: TelephoneUser) -> None:
        initial = {name: getattr(user, name) for name in ("name", "extension", "nomadic", "srtp")}
        initial["address"] = user.address_id
        super().__init__(data, initial=initial, version=user_version(user))
        field = self.fields["address"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Address.objects.filter(customer_id=user.customer_id)


class BarringForm(VersionedForm):
    """Kinds of outgoing call; emergency calls are never barred."""

    barred = forms.MultipleChoiceField(
        required=False,
        label=gettext_lazy("Not allowed"),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any, *, user: TelephoneUser) -> None:
        super().__init__(data, initial={"barred": user.barred}, version=user_version(user))
        field = self.fields["barred"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = list(call_type_words().items())


class SureForm(VersionedForm):
    """Nothing to fill in: the page says what will happen, the button does it."""

    def __init__(self, data: Any, *, user: TelephoneUser) -> None:
        super().__init__(data, version=user_version(user))


class ForwardingForm(VersionedForm):
    """What happens when someone calls this user; an empty target is no forwarding."""

    always = forms.CharField(
        label=gettext_lazy("Every call goes to"),
        required=False,
        max_length=40,
        widget=telephone(),
        help_text=gettext_lazy("The user's own phones do not ring. An extension or a number; empty: no."),
    )
    busy = forms.CharField(
        label=gettext_lazy("When busy, to"), required=False, max_length=40, widget=telephone()
    )
    no_answer = forms.CharField(
        label=gettext_lazy("When nobody answers, to"), required=False, max_length=40, widget=telephone()
    )
    ring_seconds = forms.IntegerField(
        label=gettext_lazy("Seconds before “nobody answers”"),
        min_value=RING_SECONDS[0],
        max_value=RING_SECONDS[-1],
    )
    unreachable = forms.CharField(
        label=gettext_lazy("When no phone is registered, to"),
        required=False,
        max_length=40,
        widget=telephone(),
    )
    reject_anonymous = forms.BooleanField(
        label=gettext_lazy("Refuse calls from callers who hide their number"), required=False
    )
    stop_forwarding = forms.BooleanField(
        label=gettext_lazy("Refuse calls that someone else forwards to this user"), required=False
    )
    clir = forms.BooleanField(
        label=gettext_lazy("Hide this user's number when calling"),
        required=False,
        help_text=gettext_lazy("Emergency services always see it."),
    )

    def __init__(self, data: Any, *, user: TelephoneUser) -> None:
        self._user = user
        targets = {one.condition: one.target for one in user.forwardings.all()}
        initial: dict[str, Any] = {name: getattr(user, name) for name in FORWARDING_FIELDS}
        initial |= {
            field: as_written(targets.get(condition, "")) for field, condition in CONDITION_FIELDS.items()
        }
        super().__init__(data, initial=initial, version=user_version(user))

    def clean(self) -> dict[str, Any]:
        """Each target beside its own field, all of them at once."""
        cleaned = super().clean() or self.cleaned_data
        for name, condition in CONDITION_FIELDS.items():
            entered = cleaned.get(name)
            if not entered:
                continue
            try:
                cleaned[name] = read_forwarding_target(self._user, entered)
                check_no_circle(self._user, condition, cleaned[name])
            except ValidationError as error:
                self.add_error(name, error)
        return cleaned

    @property
    def changes(self) -> dict[str, Any]:
        """What `change_user` takes."""
        values: dict[str, Any] = {name: self.cleaned_data[name] for name in FORWARDING_FIELDS}
        values["forwarding"] = [
            (condition, self.cleaned_data[name])
            for name, condition in CONDITION_FIELDS.items()
            if self.cleaned_data[name]
        ]
        return values
