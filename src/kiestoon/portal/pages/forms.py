"""How the portal's forms look and speak: one field template, Bootstrap's classes, errors by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.renderers import TemplatesSetting
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from kiestoon.portal.audit.services import last_change
from kiestoon.portal.versions import Version


class FormRenderer(TemplatesSetting):
    """The templates of `templates/forms/`: label, help, error, control, in that order."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


def dress(form: forms.BaseForm) -> None:
    """Bootstrap's classes for every control; again after a form got other widgets."""
    for field in form.fields.values():
        widget = field.widget
        if isinstance(widget, (forms.CheckboxInput, forms.CheckboxSelectMultiple, forms.RadioSelect)):
            style = "form-check-input"
        else:
            style = "form-select" if isinstance(widget, forms.Select) else "form-control"
        others = [one for one in widget.attrs.get("class", "").split() if one != style]
        widget.attrs["class"] = " ".join([style, *others])


class Form(forms.Form):
    """A form of the portal. `<form novalidate>`: the server says what is wrong, in the page's language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        dress(self)

    def refused(self, error: ValidationError) -> None:
        """Show what a service refused beside the field it names; what names no field of ours on top."""
        by_field = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
        for name, messages in by_field.items():
            self.add_error(name if name in self.fields else None, messages)


class VersionedForm(Form):
    """A form for something another person may be changing too: sent with the version it was made from.

    `initial` has what the thing says now. When that is another version than the sender saw, the form is
    invalid: it keeps what was entered, says beside each field what is there now, and carries the new version,
    so that sending it again is a choice. The view reads the row with `select_for_update()`.
    """

    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *args: Any, version: Version, **kwargs: Any
    ) -> None:
        self._seen, self._version = "", version
        if data is not None:
            name = f"{kwargs['prefix']}-version" if kwargs.get("prefix") else "version"
            self._seen = str(data.get(name, ""))
            copied = data.copy() if isinstance(data, QueryDict) else dict(data)
            copied[name] = version.tag
            data = copied
        super().__init__(data, *args, **kwargs)
        self.initial["version"] = version.tag

    @property
    def is_stale(self) -> bool:
        """Another version than the sender saw."""
        return self.is_bound and self._seen != self._version.tag

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound:
            self.cleaned_data.pop("version", None)
        if self.is_stale:
            self.add_error(None, changed_meanwhile(self._version))
            for name in self.fields:
                if name != "version" and self[name].field.has_changed(self[name].initial, self[name].data):
                    self.add_error(name, _now_says(self[name]))


def changed_meanwhile(version: Version) -> str:
    """What happened, in words; who and when, where the audit trail knows."""
    last = last_change(version.ids)
    if last is None:
        return _("Somebody changed this while you looked at it. Check what it says now, then send it again.")
    return _("%(name)s changed this at %(time)s. Check what it says now, then send it again.") % {
        "name": last.name,
        "time": date_format(localtime(last.at), "H:i"),
    }


def _now_says(field: forms.BoundField) -> str:
    """The present value as the form would show it."""
    value = field.initial
    choices = getattr(field.field, "choices", None)
    if choices is not None:
        names = {str(key): str(name) for key, name in choices}
        values = value if isinstance(value, (list, tuple, set)) else [value]
        words = ", ".join(names.get(str(one), str(one)) for one in values if one not in (None, ""))
    elif isinstance(field.field, forms.BooleanField):
        words = _("Yes") if value else _("No")
    else:
        words = str(field.field.widget.format_value(field.field.prepare_value(value)) or "")
    return _("It now says: %(value)s.") % {"value": words or _("nothing")}
