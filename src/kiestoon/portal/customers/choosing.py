"""Which customer is meant: chosen from a list of few, typed with suggestions when there are many."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from kiestoon.portal.customers.models import Customer

MOST_TO_LIST = 100
"""Customers in a list to choose from."""
MOST_TO_SUGGEST = 2_000
"""Names a browser gets to suggest from while one types; of more it suggests nothing."""
MOST_TO_TELL = 5


def meant_customer(text: str, customers: QuerySet[Customer]) -> Customer:
    """By the customer's number here, the whole name, or a part of the name that no other has.

    ValidationError says which ones it may be.
    """
    rows = customers.order_by("pk")
    found = list(rows.filter(pk=int(text))) if text.isdecimal() and len(text) < 18 else []
    found = found or list(rows.filter(name__iexact=text)[: MOST_TO_TELL + 1])
    found = found or list(rows.filter(name__icontains=text)[: MOST_TO_TELL + 1])
    if len(found) == 1:
        return found[0]
    if not found:
        raise ValidationError(_("No customer is called “%(text)s”.") % {"text": text})
    names = ", ".join(f"{customer.name} ({customer.pk})" for customer in found[:MOST_TO_TELL])
    raise ValidationError(
        _("Several customers match: %(names)s. Write the whole name or the number.") % {"names": names}
    )


class SuggestingInput(forms.TextInput):
    """A text field with the browser's own suggestions (`<datalist>`): no script, by keyboard too."""

    def __init__(self, customers: QuerySet[Customer]) -> None:
        super().__init__({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"})
        self._customers = customers

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        names = list(self._customers.order_by("name").values_list("name").distinct()[: MOST_TO_SUGGEST + 1])
        if len(names) > MOST_TO_SUGGEST:
            return super().render(name, value, attrs, renderer)
        field = super().render(name, value, {**(attrs or {}), "list": f"{name}_suggestions"}, renderer)
        options = format_html_join("", '<option value="{}">', names)
        return format_html('{}<datalist id="{}_suggestions">{}</datalist>', field, name, options)


class CustomerField(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's class takes none
    """One of `customers`; `empty_label` is what none means."""

    def offer(self, customers: QuerySet[Customer]) -> None:
        """The form calls it before it dresses its widgets."""
        self.queryset = customers
        if len(customers.values_list("pk")[: MOST_TO_LIST + 1]) > MOST_TO_LIST:
            self.widget = SuggestingInput(customers)
            empty = _("Empty means: “%(what)s”.") % {"what": self.empty_label}
            part = _("A part of the name is enough.")
            self.help_text = " ".join(filter(None, [str(self.help_text), part, empty]))

    def to_python(self, value: Any) -> Customer | None:
        text = str(value or "").strip()
        assert self.queryset is not None
        return meant_customer(text, self.queryset) if text else None
