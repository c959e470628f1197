"""The portal's one register of duties, and the door everything regulated passes to become active."""

from __future__ import annotations

from typing import Any, Final, Literal

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _

from kiestoon.duties.register import Register, duty
from kiestoon.portal.compliance.words import title_of

REGISTER: Final = Register()

Regulated = Literal["number", "user", "trunk", "device"]
"""Kinds of things whose activation is regulated; a chapter adds its kind and its checks."""


def check_activation(of: Regulated, subject: Any, field: str = NON_FIELD_ERRORS) -> None:
    """Every registered duty check of this kind of thing, before it becomes active.

    ValidationError under `field` that says which duty stands in the way, its article, and what would help.
    """
    refusals = [
        _("%(why)s %(what_helps)s Duty: %(title)s (%(articles)s).")
        % {
            "why": refusal.why,
            "what_helps": refusal.what_helps,
            "title": title_of(refusal.duty),
            "articles": ", ".join(source.article for source in duty(refusal.duty).sources),
        }
        for refusal in REGISTER.refusals(of, subject)
    ]
    if refusals:
        raise ValidationError({field: refusals}, code="duty")
