"""Addresses spoken into files when they change, never during a call: what the attendant reads back."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings

from kiestoon.adapters.speech import CannotSpeak, Speak, speak
from kiestoon.domain.emergency.spoken import FOLDER, address_file, addresses_of, spoken_address
from kiestoon.domain.routing.announcing import language_of
from kiestoon.portal.customers.models import Customer as CustomerRow
from kiestoon.portal.publication.compilation import compile_customers, compile_operator
from kiestoon.vocabulary.address import CivicAddress
from kiestoon.vocabulary.log_line import note

AT_ONCE = 200
"""Customers compiled at a time."""

logger = logging.getLogger(__name__)


def speak_addresses(customer_ids: Iterable[int], speaker: Speak = speak) -> int:
    """Speak every address of these customers that has no file yet; returns how many were made."""
    made = 0
    for language, address in _addresses(customer_ids):
        path = settings.STATE / address_file(address, language)
        if path.is_file():
            continue
        try:
            speaker(spoken_address(address, language), language, path)
            made += 1
        except CannotSpeak:
            note(logger, logging.ERROR, "address-not-spoken")
    return made


def forget_addresses() -> int:
    """Delete the files no address of any customer leads to; returns how many."""
    everybody = CustomerRow.objects.values_list("pk", flat=True).order_by("pk")
    used = {Path(address_file(address, language)).name for language, address in _addresses(everybody)}
    folder = settings.STATE / FOLDER
    unused = [path for path in folder.glob("*.alaw") if path.name not in used]
    for path in unused:
        path.unlink(missing_ok=True)
    return len(unused)


def _addresses(customer_ids: Iterable[int]) -> Iterator[tuple[str, CivicAddress]]:
    """(language, address) of everyone and every site of a PBX, each once."""
    wanted = sorted(customer_ids)
    operator = compile_operator()
    seen: set[tuple[str, CivicAddress]] = set()
    for start in range(0, len(wanted), AT_ONCE):
        for customer in compile_customers(wanted[start : start + AT_ONCE]):
            trunks = [t for t in operator.trunks if t.customer_id == customer.customer_id] if operator else []
            sites = {site.address for trunk in trunks for site in trunk.sites}
            language = language_of(customer.language)
            for address in addresses_of(customer) | sites:
                if (language, address) not in seen:
                    seen.add((language, address))
                    yield language, address
