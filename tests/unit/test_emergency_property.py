"""No configuration refuses an on-site emergency call, or a call-back of the centre, or tells of a helpline.

The strategies cover every field of every configuration object, and every question a decision may ask; their
tests fail when one is added and not considered here.
"""

from __future__ import annotations

import dataclasses
import inspect
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kiestoon
from kiestoon.domain.emergency.classify import classify, is_on_site, may_be_on_site
from kiestoon.domain.emergency.spared import SPARED, Use, spared_classes
from kiestoon.domain.routing.call import CallAttempt, RouteDecision, Stage
from kiestoon.domain.routing.decide import decide
from kiestoon.domain.routing.snapshot import Snapshot
from kiestoon.vocabulary import address, configuration, emergency
from kiestoon.vocabulary.address import CivicAddress
from kiestoon.vocabulary.configuration import (
    Customer,
    Forwarding,
    Number,
    Operator,
    SpecialInterface,
    Trunk,
    User,
)
from kiestoon.vocabulary.emergency import DeviceLocation, EmergencyArea, EmergencyRoute, Network, Site
from tests.unit.fake_snapshot import MEIR, TRUNKS, DictSnapshot

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ANNAS = "+3238080101"
NUMBERS = st.sampled_from([ANNAS, "+3238080102", "+32112", "+3281880201", "+32470123456"])
EXTENSIONS = st.sampled_from(["100", "101", "112", "201", "0112", "302"])
CALL_TYPES = ["internal", "geographic", "mobile", "free", "premium", "shared-cost", "short", "international"]
CONDITIONS = ["always", "busy", "no-answer", "unreachable"]
ADDRESS: dict[str, Any] = {name.name: st.sampled_from(["", "x", "<&>"]) for name in fields(CivicAddress)}
NETWORK: dict[str, Any] = {
    "prefix": st.sampled_from(["127.0.0.0/8", "127.0.0.2/32", "::1/128"]),
    "asn": st.sampled_from([0, 64500]),
    "country": st.sampled_from(["", "BE", "FR"]),
    "name": st.just("office"),
}
LOCATION: dict[str, Any] = {
    "instance": st.sampled_from(["", "<urn:uuid:1>", "<urn:uuid:2>"]),
    "address": st.just(MEIR),
    "network": st.builds(Network, **NETWORK) | st.just(Network("")) | st.just(Network("nonsense")),
    "confirmed": st.booleans(),
    "said_at": st.sampled_from(["2026-11-01T10:00:00+00:00", ""]),
}
SITE: dict[str, Any] = {
    "prefix": st.sampled_from(["", "+323808", ANNAS]),
    "name": st.just("warehouse"),
    "address": st.just(MEIR),
    "confirmed": st.booleans(),
}
AREA: dict[str, Any] = {
    "key": st.sampled_from(["antwerpen", ""]),
    "municipalities": st.just(("11002", "99999")),
}
ROUTE: dict[str, Any] = {
    "service": st.sampled_from(["100", "101", "112"]),
    "area": st.sampled_from(["antwerpen", ""]),
    "trunk_id": st.sampled_from(["emergency-own", "emergency-partner", "national", "gone"]),
    "request_user": st.sampled_from(["", "+3232000112"]),
    "rank": st.integers(1, 2),
    "valid_from": st.sampled_from([date.min, date(2027, 1, 1)]),
    "valid_until": st.sampled_from([date.max, date(2026, 1, 1)]),
    "testing": st.booleans(),
}
FORWARDING: dict[str, Any] = {
    "condition": st.sampled_from(CONDITIONS),
    "target": st.sampled_from(["112", "201", "+32470123456"]),
}
USER: dict[str, Any] = {
    "username": st.just("anna"),
    "ha1": st.just("0" * 32),
    "customer_id": st.just(1),
    "extension": EXTENSIONS,
    "name": st.text(max_size=8),
    "number": st.none() | NUMBERS,
    "nomadic": st.booleans(),
    "suspended": st.booleans(),
    "clir": st.booleans(),
    "reject_anonymous": st.booleans(),
    "stop_forwarding": st.booleans(),
    "barred": st.lists(st.sampled_from(CALL_TYPES), unique=True).map(tuple),
    "ring_seconds": st.integers(0, 120),
    "forwarding": st.lists(st.builds(Forwarding, **FORWARDING), max_size=4).map(tuple),
    "srtp": st.sampled_from(["auto", "required", "never"]),
    "address": st.none() | st.just(MEIR) | st.builds(CivicAddress, **ADDRESS),
    "address_confirmed": st.booleans(),
    "locations": st.lists(st.builds(DeviceLocation, **LOCATION), max_size=2).map(tuple),
}
NUMBER: dict[str, Any] = {
    "e164": NUMBERS,
    "customer_id": st.just(1),
    "kind": st.sampled_from(["user", "everyone", "trunk"]),
    "target": st.sampled_from(["anna", "gone", ""]),
}
CUSTOMER: dict[str, Any] = {
    "customer_id": st.just(1),
    "name": st.just("Zon"),
    "language": st.sampled_from(["nl", "fr", "de", "en"]),
    "main_number": NUMBERS,
    "suspended": st.booleans(),
    "outside_prefix": st.sampled_from(["", "0", "9", "112", "1"]),
    "blocked": st.lists(NUMBERS, max_size=2).map(tuple),
    "address": st.none() | st.just(MEIR),
    "address_confirmed": st.booleans(),
    "users": st.lists(st.builds(User, **USER), max_size=1).map(tuple),
    "numbers": st.lists(st.builds(Number, **NUMBER), max_size=3).map(tuple),
}
SPECIAL: dict[str, Any] = {
    "agreement": st.just("a letter"),
    "nomadic": st.booleans(),
    "cloud_numbers": st.lists(NUMBERS, max_size=1).map(tuple),
    "blocked": st.lists(NUMBERS, max_size=1).map(tuple),
    "suspended": st.booleans(),
}
TRUNK: dict[str, Any] = {
    "trunk_id": st.sampled_from(["one", "two"]),
    "name": st.just("a trunk"),
    "kind": st.sampled_from(["carrier", "emergency", "customer-pbx"]),
    "uri": st.sampled_from(
        ["sip:192.0.2.1", "sip:192.0.2.1:5061;transport=tls", "sip:192.0.2.2;transport=udp"]
    ),
    "addresses": st.just(("192.0.2.1",)),
    "interface": st.sampled_from(["national", "international", "special"]),
    "customer_id": st.none() | st.just(1),
    "priority": st.integers(0, 100),
    "special": st.none() | st.builds(SpecialInterface, **SPECIAL),
    "main_number": st.sampled_from(["", ANNAS]),
    "max_calls": st.integers(0, 3),
    "reserved_calls": st.integers(0, 3),
    "call_back_numbers": st.lists(NUMBERS, max_size=2).map(tuple),
    "sites": st.lists(st.builds(Site, **SITE), max_size=2).map(tuple),
}
OPERATOR: dict[str, Any] = {
    "realm": st.just("demo.kiestoon.test"),
    "domains": st.just(()),
    "blocks": st.lists(st.sampled_from(["+32", "+321", "+3238"]), max_size=2).map(tuple),
    "trunks": st.lists(st.builds(Trunk, **TRUNK) | st.sampled_from(TRUNKS), max_size=4).map(tuple),
    "roaming_check": st.sampled_from(["", "letter of 1 March"]),
    "emergency_policy": st.sampled_from(["route", "announce"]),
    "emergency_policy_document": st.sampled_from(["", "decision of 3 March"]),
    "networks": st.lists(st.builds(Network, **NETWORK), max_size=2).map(tuple),
    "emergency_areas": st.lists(st.builds(EmergencyArea, **AREA), max_size=2).map(tuple),
    "emergency_routes": st.lists(st.builds(EmergencyRoute, **ROUTE), max_size=3).map(tuple),
}
CONSIDERED = {
    CivicAddress: ADDRESS,
    Network: NETWORK,
    DeviceLocation: LOCATION,
    Site: SITE,
    EmergencyArea: AREA,
    EmergencyRoute: ROUTE,
    Forwarding: FORWARDING,
    User: USER,
    Number: NUMBER,
    Customer: CUSTOMER,
    SpecialInterface: SPECIAL,
    Trunk: TRUNK,
    Operator: OPERATOR,
}
QUERIES = {
    *("operator", "user", "user_by_extension", "users_of", "customer", "number", "trunk", "trunk_by_address"),
    *("trunks", "network", "emergency_area", "emergency_routes", "ported"),
}
"""Each is answered by DictSnapshot from what the strategies make."""

WAYS = [
    *(
        "112",
        "0112",
        "+32112",
        "0032112",
        "101",
        "100",
        "1 1 2",
        "1-1-2",
        "1.1.2",
        "(112)",
        "112/",
        "112\u00a0",
    ),
    *("*31#112", "#31#112", "*31*112", "#31#0112", "112;phone-context=+32", "+32112;phone-context=x"),
    *(
        "urn:service:sos",
        "URN:SERVICE:SOS",
        "urn:service:sos.fire",
        "urn:service:sos.police",
        "Urn:service:SOS.x",
    ),
    *("urn:service:sos.ambulance.child;x=y", " 112 "),
]
"""How people and telephones say it, after the percent-escapes."""


def test_every_configuration_object_and_every_field_is_considered() -> None:
    found = {
        value
        for module in (address, configuration, emergency)
        for value in vars(module).values()
        if inspect.isclass(value) and dataclasses.is_dataclass(value)
    }
    assert found == set(CONSIDERED)
    for kind, strategies in CONSIDERED.items():
        assert {field.name for field in fields(kind)} == set(strategies), kind.__name__


def test_every_question_a_decision_may_ask_is_considered() -> None:
    assert {name for name, _ in inspect.getmembers(Snapshot, inspect.isfunction) if name[0] != "_"} == QUERIES
    assert set(dir(DictSnapshot)) >= QUERIES


@settings(max_examples=400, deadline=None)
@given(
    customer=st.builds(Customer, **CUSTOMER),
    operator=st.builds(Operator, **OPERATOR),
    dialled=st.sampled_from(WAYS),
    username=st.sampled_from(["anna", "nobody", None]),
    verified=st.booleans(),
    anonymous=st.booleans(),
    behind_prefix=st.booleans(),
    source=st.sampled_from(["", "127.0.0.2", "::1", "192.0.2.1", "nonsense"]),
    instance=st.sampled_from(["", "<urn:uuid:1>"]),
)
def test_no_configuration_refuses_an_on_site_emergency_call(
    customer: Customer,
    operator: Operator,
    dialled: str,
    username: str | None,
    verified: bool,
    anonymous: bool,
    behind_prefix: bool,
    source: str,
    instance: str,
) -> None:
    if behind_prefix and username == "anna" and customer.users and not dialled.lower().startswith("urn:"):
        dialled = customer.outside_prefix + dialled.strip()
    call = CallAttempt(
        dialled=dialled,
        username=username,
        verified=verified,
        anonymous=anonymous,
        source=source,
        instance=instance,
    )
    decision = decide(call, DictSnapshot((customer,), operator), NOW)
    if is_exempt(call, customer, operator, decision):
        assert decision.emergency_class == "on-site"
        assert (decision.outcome, decision.sip_code) == ("attendant", 403)
        return
    is_helped(decision)


def is_exempt(call: CallAttempt, customer: Customer, operator: Operator, decision: RouteDecision) -> bool:
    """The single exemption: RD Numbering art. 43 under a recorded decision, by a known nomadic device only.

    tests/unit/duties/test_nomadic_emergency_calls.py has what it never applies to.
    """
    user = next((user for user in customer.users if user.username == call.username), None)
    return (
        operator.emergency_policy == "announce"
        and bool(operator.emergency_policy_document)
        and user is not None
        and user.nomadic
        and call.verified
        and decision.location_state in ("stale", "unknown")
    )


@settings(max_examples=200, deadline=None)
@given(
    customer=st.builds(Customer, **CUSTOMER),
    trunk=st.builds(Trunk, **{**TRUNK, "kind": st.just("customer-pbx"), "customer_id": st.just(1)}),
    dialled=st.sampled_from(WAYS),
    presented=st.sampled_from([ANNAS, "", "+33145678901"]),
    anonymous=st.booleans(),
)
def test_no_configuration_refuses_it_behind_a_customers_pbx(
    customer: Customer, trunk: Trunk, dialled: str, presented: str, anonymous: bool
) -> None:
    operator = Operator("r", (), (), (trunk, *TRUNKS))
    call = CallAttempt(dialled=dialled, trunk_id=trunk.trunk_id, presented=presented, anonymous=anonymous)
    is_helped(decide(call, DictSnapshot((customer,), operator), NOW))


def is_helped(decision: RouteDecision) -> None:
    assert decision.outcome == "route"
    assert decision.emergency_class == "on-site"
    assert decision.stage is not None
    for stage in tree(decision.stage):
        assert stage.emergency
        assert all(not one.anonymous and one.max_calls == 0 for one in stage.targets)
        assert all("transport=tls" in one.uri or "transport=tcp" in one.uri for one in stage.targets)
    assert decision.location_state is not None


def tree(stage: Stage | None) -> list[Stage]:
    if stage is None:
        return []
    following = (stage.failed, stage.busy, stage.no_answer, stage.unreachable)
    return [stage, *(later for one in following for later in tree(one))]


@settings(max_examples=200, deadline=None)
@given(
    customer=st.builds(Customer, **CUSTOMER),
    dialled=st.sampled_from(["102", "106", "116000", "1712", "070245245", "026499555", "0800 32 123"]),
)
def test_no_configuration_refuses_a_helpline_to_a_known_user(customer: Customer, dialled: str) -> None:
    user = User("eva", "0" * 32, 1, "999", "Eva", None, suspended=True)
    known = dataclasses.replace(customer, users=(*customer.users, user))
    decision = decide(
        CallAttempt(dialled=dialled, username="eva"),
        DictSnapshot((known,), Operator("r", (), (), TRUNKS)),
        NOW,
    )
    assert decision.outcome == "route"
    assert decision.emergency_class == "remote"
    assert decision.location is None
    assert (decision.caller_name, decision.caller_organisation) == ("", "")


@settings(max_examples=400, deadline=None)
@given(
    customer=st.builds(Customer, **CUSTOMER),
    anna=st.builds(User, **USER),
    operator=st.builds(Operator, **OPERATOR),
    presented=st.sampled_from(["112", "+3222222222", ""]),
    anonymous=st.booleans(),
    forwarded_by=st.sampled_from([None, "", "+32470123456"]),
    helped=st.sampled_from([None, "user:anna", "user:gone", "trunk:gone"]),
)
def test_no_configuration_diverts_or_refuses_a_call_back_of_the_centre(
    customer: Customer,
    anna: User,
    operator: Operator,
    presented: str,
    anonymous: bool,
    forwarded_by: str | None,
    helped: str | None,
) -> None:
    others = tuple(number for number in customer.numbers if number.e164 != ANNAS)
    world = dataclasses.replace(customer, users=(anna,), numbers=(*others, Number(ANNAS, 1, "user", "anna")))
    centre = Trunk("centre", "centre", "emergency", "sip:192.0.2.9", ("192.0.2.9",))
    call = CallAttempt(
        dialled=ANNAS,
        trunk_id="centre",
        presented=presented,
        anonymous=anonymous,
        forwarded_by=forwarded_by,
        helped=helped,
    )
    snapshot = DictSnapshot((world,), dataclasses.replace(operator, trunks=(*operator.trunks, centre)))
    decision = decide(call, snapshot, NOW)
    assert (decision.outcome, decision.call_back) == ("route", True)
    assert [(one.kind, one.id) for one in decision.targets()] == [("user", "anna")]
    assert all(one.id == "anna" for stage in tree(decision.stage) for one in stage.targets)


@pytest.mark.parametrize(
    ("dialled", "prefix", "found"),
    [
        ("9112", "9", True),
        ("9 112", "9", True),
        ("9#31#112", "9", True),
        ("90112", "9", True),
        ("00112", "0", True),
        ("9112", "", False),
        ("91122", "9", False),
        ("112112112", "112", False),
        ("0470123112", "0", False),
    ],
)
def test_behind_the_outside_prefix(dialled: str, prefix: str, found: bool) -> None:
    assert is_on_site(dialled, prefix) is found
    if found:
        assert may_be_on_site(dialled) or is_on_site(dialled), "the edge would not ask whose prefix it is"


@pytest.mark.parametrize(
    "dialled", ["urn:service:sosx", "urn:service:counseling", "1120", "105", "112a", "+33112"]
)
def test_what_is_no_emergency_call(dialled: str) -> None:
    assert classify(dialled) is None


CONSUMERS: dict[Use, tuple[str, ...]] = {
    "customer-lists": ("portal/calls", "portal/tenancy"),
    "alerts": ("portal/emergency_log",),
    "bills": ("domain/rating", "domain/billing", "portal/billing"),
    "recordings": ("domain/recording", "portal/recording", "attendant/recorder.py"),
}
"""Parts of the product that keep, show or charge calls; those not built yet join with their folder."""


@pytest.mark.parametrize("use", SPARED)
def test_a_helpline_leaves_no_trace(use: Use) -> None:
    assert "remote" in spared_classes(use)
    source = Path(kiestoon.__file__).parent
    for place in CONSUMERS[use]:
        files = [source / place] if place.endswith(".py") else list((source / place).rglob("*.py"))
        texts = [file.read_text() for file in files if file.exists()]
        asked = f'spared_classes("{use}")'
        assert not texts or any(asked in text for text in texts), f"{place} does not ask {asked}"


@pytest.mark.parametrize("use", ["bills", "recordings"])
def test_an_on_site_call_is_free_and_never_recorded(use: Use) -> None:
    assert "on-site" in spared_classes(use)
