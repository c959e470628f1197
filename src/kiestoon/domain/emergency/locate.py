"""Where is the device that calls? Its emergency location, and how sure we are (WEC art. 107 §4)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from kiestoon.vocabulary.address import CivicAddress
from kiestoon.vocabulary.configuration import Customer, Trunk, User
from kiestoon.vocabulary.emergency import DeviceLocation, LocationState, Network

HOME_COUNTRY = "BE"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from, as the edge sees it."""

    address: str = ""
    """Source IP address; "" when it is not known."""
    instance: str = ""
    """+sip.instance of the device (RFC 5626); "" when it has none."""
    network: Network | None = None
    """The part of the operator's table that holds the address."""


@dataclass(frozen=True, slots=True)
class Located:
    """`address` is None exactly when `state` is unknown."""

    state: LocationState
    address: CivicAddress | None
    why: str


def of_user(user: User, customer: Customer | None, origin: Origin) -> Located:
    """Of a user's device: a fixed line is where it is installed, a nomadic one where it was said to be."""
    installed, evidenced = _installation(user, customer)
    if not user.nomadic:
        why = "a fixed line: the evidenced installation address" if evidenced else "the installation address"
        return _at(installed, "confirmed" if evidenced else "declared", why)
    own = [one for one in user.locations if not one.instance or one.instance == origin.instance]
    for one in own:
        if is_same_network(one.network, origin):
            how = "its user said so from this network" if one.confirmed else "declared for this network"
            return Located("confirmed" if one.confirmed else "declared", one.address, how)
    for one in user.locations:
        if is_same_network(one.network, origin):
            return Located("declared", one.address, "where another device of the user was in this network")
    if own:
        return Located("stale", own[0].address, "the device has moved to another network since")
    if user.locations:
        return Located("stale", user.locations[0].address, "only another device's place is known")
    if origin.network is not None and origin.network.country not in ("", HOME_COUNTRY):
        return _at(installed, "stale", "the device is in a network abroad")
    return _at(installed, "declared", "the address given for it; nobody has said otherwise")


def behind_pbx(trunk: Trunk, customer: Customer | None, presented: str, number: str | None) -> Located:
    """Behind a customer's own PBX: the site of the extension or number presented, else the installation's."""
    claims = [claim for claim in (presented, f"+{presented}", number) if claim]
    fitting = [site for site in trunk.sites if any(claim.startswith(site.prefix) for claim in claims)]
    if fitting:
        site = max(fitting, key=lambda one: len(one.prefix))
        return Located(
            "confirmed" if site.confirmed else "declared", site.address, f"site {site.name} of the PBX"
        )
    if customer is None:
        return Located("unknown", None, "the PBX has no customer any more")
    state: LocationState = "confirmed" if customer.address_confirmed else "declared"
    return _at(customer.address, state, "the installation address of the PBX's customer")


def is_same_network(said_in: Network, origin: Origin) -> bool:
    """Whether a device at `origin` is still where it was when its place was said: address, AS and country."""
    if not origin.address or not said_in.prefix:
        return False
    try:
        inside = ip_address(origin.address) in ip_network(said_in.prefix)
    except ValueError:
        return False
    now = origin.network or Network("")
    return (
        inside
        and (not now.asn or not said_in.asn or now.asn == said_in.asn)
        and (not now.country or not said_in.country or now.country == said_in.country)
    )


def network_said_in(origin: Origin) -> Network:
    """What is kept with a place that is said now: the table's network, else the very address."""
    if origin.network is not None:
        return origin.network
    if not origin.address:
        return Network("")
    return Network(str(ip_network(origin.address)))


def latest_first(locations: tuple[DeviceLocation, ...]) -> tuple[DeviceLocation, ...]:
    """As `User.locations` wants them."""
    return tuple(sorted(locations, key=lambda one: one.said_at, reverse=True))


def _installation(user: User, customer: Customer | None) -> tuple[CivicAddress | None, bool]:
    if user.address is not None:
        return user.address, user.address_confirmed
    return (customer.address, customer.address_confirmed) if customer else (None, False)


def _at(address: CivicAddress | None, state: LocationState, why: str) -> Located:
    return Located(state, address, why) if address else Located("unknown", None, "no address is known")
