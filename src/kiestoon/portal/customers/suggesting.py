"""A text field that suggests the postcodes or municipalities of Belgium; it takes anything else too."""

from __future__ import annotations

from functools import cache
from typing import Any

from django import forms

from kiestoon.belgium.municipalities import municipalities

Options = tuple[tuple[str, str], ...]


class Suggesting(forms.TextInput):
    """With a datalist; `what` is a key of LISTS."""

    template_name = "forms/suggesting.html"

    def __init__(self, what: str, **attributes: str) -> None:
        super().__init__(attrs={"list": what, "autocomplete": "off", **attributes})
        self._what = what

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        return {**context, "list_id": self._what, "options": LISTS[self._what]()}


@cache
def postcodes() -> Options:
    """Each postcode, with the municipalities that have it."""
    found: dict[str, list[str]] = {}
    for one in municipalities():
        for postcode in one.postcodes:
            found.setdefault(postcode, []).append(one.official)
    return tuple((postcode, ", ".join(found[postcode])) for postcode in sorted(found))


@cache
def names() -> Options:
    """Each name of a municipality, in Dutch and in French, with its postcodes."""
    found: dict[str, str] = {}
    for one in municipalities():
        found |= dict.fromkeys((one.nl, one.fr), " ".join(one.postcodes))
    return tuple(sorted(found.items()))


LISTS = {"postcodes": postcodes, "municipalities": names}
