"""No configuration makes `decide` refuse an on-site emergency call.

The strategy covers every field of every configuration object; `test_every_field_is_considered` fails when
one is added and not considered here.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kiestoon.domain.routing.call import CallAttempt, RouteDecision
from kiestoon.domain.routing.decide import decide
from kiestoon.vocabulary.configuration import Customer, Forwarding, Number, Operator, Trunk, User
from kiestoon.vocabulary.emergency import DeviceLocation, EmergencyArea, EmergencyRoute, Network
from tests.unit.fake_snapshot import MEIR, TRUNKS, DictSnapshot

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NUMBERS = st.sampled_from(["+3238080101", "+3238080102", "+32112", "+3281880201", "+32470123456"])
EXTENSIONS = st.sampled_from(["100", "101", "112", "201", "0112", "302"])
CALL_TYPES = ["internal", "geographic", "mobile", "free", "premium", "shared-cost", "short", "international"]
CONDITIONS = ["always", "busy", "no-answer", "unreachable"]

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
    "forwarding": st.lists(
        st.builds(Forwarding, st.sampled_from(CONDITIONS), st.sampled_from(["112", "201", "+32470123456"])),
        max_size=4,
    ).map(tuple),
    "srtp": st.sampled_from(["auto", "required", "never"]),
    "address": st.none() | st.just(MEIR),
    "address_confirmed": st.booleans(),
    "locations": st.lists(st.builds(DeviceLocation, **LOCATION), max_size=2).map(tuple),
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
    "numbers": st.lists(
        st.builds(
            Number, NUMBERS, st.just(1), st.sampled_from(["user", "everyone", "trunk"]), st.just("anna")
        ),
        max_size=3,
    ).map(tuple),
}
OPERATOR: dict[str, Any] = {
    "realm": st.just("demo.kiestoon.test"),
    "domains": st.just(()),
    "blocks": st.lists(st.sampled_from(["+32", "+321", "+3238"]), max_size=2).map(tuple),
    "trunks": st.lists(st.sampled_from(TRUNKS), unique=True).map(tuple),
    "roaming_check": st.sampled_from(["", "letter of 1 March"]),
    "emergency_policy": st.sampled_from(["route", "announce"]),
    "emergency_policy_document": st.sampled_from(["", "decision of 3 March"]),
    "networks": st.lists(st.builds(Network, **NETWORK), max_size=2).map(tuple),
    "emergency_areas": st.lists(
        st.builds(EmergencyArea, st.sampled_from(["antwerpen", ""]), st.just(("11002", "99999"))), max_size=2
    ).map(tuple),
    "emergency_routes": st.lists(st.builds(EmergencyRoute, **ROUTE), max_size=3).map(tuple),
}


def test_every_field_is_considered() -> None:
    assert {f.name for f in fields(User)} == set(USER)
    assert {f.name for f in fields(Customer)} == set(CUSTOMER)
    assert {f.name for f in fields(Operator)} == set(OPERATOR)
    assert {f.name for f in fields(Trunk)} == {
        "trunk_id",
        "name",
        "kind",
        "uri",
        "addresses",
        "interface",
        "customer_id",
        "priority",
        "main_number",
        "special",
        "sites",
    }
    assert {f.name for f in fields(DeviceLocation)} == set(LOCATION)
    assert {f.name for f in fields(Network)} == set(NETWORK)
    assert {f.name for f in fields(EmergencyRoute)} == set(ROUTE)
    assert {f.name for f in fields(EmergencyArea)} == {"key", "municipalities"}


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


@settings(max_examples=400, deadline=None)
@given(
    customer=st.builds(Customer, **CUSTOMER),
    operator=st.builds(Operator, **OPERATOR),
    dialled=st.sampled_from(
        ["112", "0112", "+32112", "0032112", "101", "100", "1 1 2", "urn:service:sos.fire", "#31#112"]
    ),
    username=st.sampled_from(["anna", "nobody", None]),
    verified=st.booleans(),
    anonymous=st.booleans(),
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
    source: str,
    instance: str,
) -> None:
    call = CallAttempt(
        dialled=dialled,
        username=username,
        verified=verified,
        anonymous=anonymous,
        source=source,
        instance=instance,
    )
    decision = decide(call, DictSnapshot((customer,), operator), NOW)
    assert decision.emergency_class == "on-site"
    if is_exempt(call, customer, operator, decision):
        assert (decision.outcome, decision.sip_code) == ("attendant", 403)
        return
    assert decision.outcome == "route"
    assert decision.stage is not None
    assert decision.stage.emergency
    assert not any(target.anonymous for target in decision.targets())


@settings(max_examples=200, deadline=None)
@given(
    customer=st.builds(Customer, **CUSTOMER),
    dialled=st.sampled_from(["102", "106", "116000", "1712", "070245245", "026499555", "0800 32 123"]),
)
def test_no_configuration_refuses_a_helpline_to_a_known_user(customer: Customer, dialled: str) -> None:
    user = User("eva", "0" * 32, 1, "999", "Eva", None, suspended=True)
    known = Customer(
        **{f.name: getattr(customer, f.name) for f in fields(Customer)} | {"users": (*customer.users, user)}
    )
    decision = decide(
        CallAttempt(dialled=dialled, username="eva"),
        DictSnapshot((known,), Operator("r", (), (), TRUNKS)),
        NOW,
    )
    assert decision.outcome == "route"
    assert decision.emergency_class == "remote"
    assert decision.location is None
    assert decision.caller_name == ""
