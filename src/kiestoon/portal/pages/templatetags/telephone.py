"""Numbers in templates."""

from __future__ import annotations

from django import template

from kiestoon.belgium.numbering import as_written as written

register = template.Library()


@register.filter
def as_written(number: str | None) -> str:
    """A number as people here write it; "" for none."""
    return written(number) if number else ""
