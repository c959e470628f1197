"""Sites behind a customer's own PBX: each part of its extensions can have its own address."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kiestoon.portal.carriers.models import Trunk
from kiestoon.portal.customers.civic import NewAddress, check_civic, check_whole
from kiestoon.portal.emergency.models import Site
from kiestoon.portal.emergency.services import CIVIC
from kiestoon.portal.publication.services import operator_changed

_PREFIX = re.compile(r"\+?\d{1,15}\Z")


@transaction.atomic
def add_site(trunk: Trunk, *, prefix: str, name: str, address: NewAddress, evidence: str = "") -> Site:
    """ValidationError with one message a field; of a trunk that is no customer's PBX too."""
    if trunk.customer_id is None:
        raise ValidationError(_("Only a customer's own exchange has sites."))
    site = Site(customer_id=trunk.customer_id, trunk=trunk)
    return _keep(site, prefix, name, address, evidence)


@transaction.atomic
def change_site(
    site: Site, *, prefix: str, name: str, address: NewAddress, evidence: str | None = None
) -> Site:
    """`evidence` None: it stays, unless the address changes; then it shows nothing any more."""
    if evidence is None:
        wanted = Site(**vars(address))
        check_civic(wanted)
        evidence = site.evidence if all(getattr(site, f) == getattr(wanted, f) for f in CIVIC) else ""
    return _keep(site, prefix, name, address, evidence)


@transaction.atomic
def remove_site(site: Site) -> None:
    """Its extensions get a shorter prefix's address from then on, or the customer's own."""
    site.delete()
    operator_changed()


def _keep(site: Site, prefix: str, name: str, address: NewAddress, evidence: str) -> Site:
    site.prefix, site.name, site.evidence = re.sub(r"[\s./-]", "", prefix), name.strip(), evidence.strip()
    for field, value in vars(address).items():
        setattr(site, field, value)
    errors: dict[str, Any] = check_civic(site)
    if not _PREFIX.match(site.prefix):
        errors["prefix"] = _(
            "Enter the first digits of extensions, or of numbers with +, for example 2 or +3238080."
        )
    elif Site.objects.filter(trunk=site.trunk, prefix=site.prefix).exclude(pk=site.pk).exists():
        errors["prefix"] = _("This exchange has a site for %(prefix)s already.") % {"prefix": site.prefix}
    check_whole(site, errors)
    site.save()
    operator_changed()
    return site
