"""An address as it is spoken, and the file it is spoken into: named by what it says, so never out of date."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple

from kiestoon.vocabulary.address import CivicAddress
from kiestoon.vocabulary.configuration import Customer

FOLDER = "prompts/address"
"""Below the state directory."""
MAX_LETTERS = 300


def address_key(address: CivicAddress, language: str) -> str:
    """The same for the same words, whoever lives there."""
    said = json.dumps([language, *astuple(address)], ensure_ascii=True)
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def address_file(address: CivicAddress, language: str) -> str:
    """Where the spoken address is, below the state directory."""
    return f"{FOLDER}/{address_key(address, language)}.alaw"


def addresses_of(customer: Customer) -> frozenset[CivicAddress]:
    """Every address an emergency centre may see of this customer's users."""
    found = {customer.address, *(user.address for user in customer.users)}
    found |= {place.address for user in customer.users for place in user.locations}
    return frozenset(address for address in found if address is not None)


_UNIT = {"nl": "bus", "fr": "boîte", "de": "Briefkasten", "en": "box"}


def spoken_address(address: CivicAddress, language: str) -> str:
    """Street, house number, box, postcode and municipality, with pauses; at most MAX_LETTERS."""
    number = f"{address.HNO} {address.HNS}".strip()
    parts = [f"{address.RD} {number}".strip()]
    if address.UNIT:
        parts.append(f"{_UNIT.get(language, _UNIT['en'])} {address.UNIT}")
    parts.append(f"{address.PC} {address.A3}".strip())
    return (", ".join(part for part in parts if part) + ".")[:MAX_LETTERS]
