"""What the emergency centre receives with a call, and that it can call back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.demo import Demo, final, http
from tests.scenarios.test_emergency import helped, last_call

DEVICE_PIDF = (
    '<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="pres:me@phone"><tuple id="x"><status><geopriv>'
    "<location-info>elsewhere</location-info></geopriv></status></tuple></presence>"
)


def beside_sdp(parts: str) -> Callable[[str], tuple[str, str]]:
    """A multipart body with parts of the device's own before its SDP."""

    def body(sdp: str) -> tuple[str, str]:
        part = f"--d\r\nContent-Type: application/sdp\r\n\r\n{sdp}\r\n--d--\r\n"
        return "multipart/mixed;boundary=d", parts + part

    return body


def complete(row: dict[str, Any], demo: Demo, who: str) -> None:
    """Number, name, first name, place and how sure we are of it."""
    user = demo.users[who]
    assert row["from"] == user["number"]
    assert row["name"] == user["name"]
    assert row["pidf_lo_valid"] is True
    assert row["location"]["PC"] == user["address"]["postcode"]
    assert row["location"]["HNO"] == user["address"]["house_number"]
    assert row["location_state"] in ("confirmed", "declared", "stale")
    assert row["confidence"] == ("95" if row["location_state"] == "confirmed" else "unknown")
    assert row["subscriber"]["given"] == user["name"].split()[0]
    assert row["subscriber"]["organisation"] == user["customer"]
    assert row["subscriber"]["telephone"] == f"tel:{user['number']}"
    assert row["transport"] in ("TCP", "TLS")
    assert (row["priority"], row["resource_priority"]) == ("emergency", "esnet.1")


@pytest.mark.parametrize("fault", ["on", "off", "unavailable"])
@pytest.mark.parametrize(
    ("who", "transport", "srtp"),
    [("anna", "udp", False), ("bram", "tls", True), ("chloe", "wss", True), ("denis", "tcp", False)],
)
async def test_number_name_and_place_arrive_on_both_paths(
    demo: Demo, who: str, transport: str, srtp: bool, fault: str
) -> None:
    demo.switch("emergency_centre", fault)
    try:
        async with demo.phone(who, transport=transport, srtp=srtp) as phone:
            await phone.register()
            await helped(await phone.call("112"))
    finally:
        demo.switch("emergency_centre", "on")
    complete(last_call(demo, path="own" if fault == "on" else "partner"), demo, who)


async def test_112_first_path_dead(demo: Demo) -> None:
    """The second path has it within a second when the first refuses connections."""
    demo.switch("emergency_centre", "off")
    try:
        async with demo.phone("anna", transport="tcp") as anna:
            await anna.register()
            call = await anna.call("112")
            await call.answered(within=2)
            await call.hang_up()
    finally:
        demo.switch("emergency_centre", "on")
    complete(last_call(demo, path="partner"), demo, "anna")


async def test_a_silent_path_is_found_by_asking_before_anybody_calls(demo: Demo) -> None:
    demo.switch("emergency_centre", "silent")
    try:
        await asyncio.sleep(11)  # asked every five seconds, and five seconds waited for an answer
        async with demo.phone("anna", transport="tcp") as anna:
            await anna.register()
            call = await anna.call("112")
            await call.answered(within=1.5)
            await call.hang_up()
        complete(last_call(demo, path="partner"), demo, "anna")
        demo.switch("emergency_centre", "on")
        async with demo.phone("anna", transport="tcp") as anna:
            await helped(await anna.call("112"))
        last_call(demo, path="own")
    finally:
        demo.switch("emergency_centre", "on")


async def test_112_from_a_suspended_customer(demo: Demo) -> None:
    demo.set_customer("Bakkerij De Zon", suspended=True)
    try:
        async with demo.phone("anna") as anna:
            await anna.register()
            assert await final(await anna.call("0470123456")) == 403
            await helped(await anna.call("112"))
    finally:
        demo.set_customer("Bakkerij De Zon", suspended=False)
    complete(last_call(demo), demo, "anna")


@pytest.mark.parametrize(
    "dialled",
    [
        *("*31#112", "#31#112", "%2331%23112", "1-1-2", "%31%31%32"),
        *("tel:112", "tel:+32112", "tel:112;phone-context=+32", "tel:%31%31%32;phone-context=x"),
        *("sip:112@example.invalid", "SIP:112@127.0.0.1;user=phone", "sips:112@example.invalid", "sip:112"),
        *("URN:SERVICE:SOS", "urn:service:sos.fire", "urn:service:sos.ambulance.child"),
    ],
)
async def test_from_a_banned_address_in_every_way_people_dial_it(demo: Demo, dialled: str) -> None:
    async with demo.phone("anna", authenticate=False, local_ip="127.0.0.9") as anna:
        target = dialled if ":" in dialled else f"sip:{dialled}@127.0.0.1"
        with demo.banned("127.0.0.9"):
            await helped(await anna.call(target))
    complete(last_call(demo, verstat="No-TN-Validation"), demo, "anna")


async def test_behind_the_outside_prefix_before_anything_is_proved(demo: Demo) -> None:
    demo.set_customer("Bakkerij De Zon", outside_prefix="9")
    try:
        async with demo.phone("anna", authenticate=False, local_ip="127.0.0.9") as anna:
            with demo.banned("127.0.0.9"):
                await helped(await anna.call("9112"))
    finally:
        demo.set_customer("Bakkerij De Zon", outside_prefix="")
    complete(last_call(demo, verstat="No-TN-Validation"), demo, "anna")


async def test_112_behind_a_customers_pbx(demo: Demo) -> None:
    done = http(
        "POST", "http://127.0.1.3:8060/call", {"name": "customer_pbx", "from": "+3281880212", "to": "112"}
    )
    assert done[1]["sip_code"] == 200, done
    row = last_call(demo, path="own", pidf_lo_valid=True)
    assert row["from"] == "+3281880212"
    assert row["subscriber"]["organisation"] == "Cabinet Lambert"  # type: ignore[index]
    assert row["location"]["PC"] == "5000"  # type: ignore[index]


PIDF_TYPE = "application/pidf+xml"
SUBSCRIBER_TYPE = "application/EmergencyCallData.SubscriberInfo+xml"


def part(content_type: str, text: str) -> str:
    return f"--d\r\nContent-Type: {content_type}\r\nContent-ID: <me@x>\r\n\r\n{text}\r\n"


@pytest.mark.parametrize(
    ("transport", "parts", "dropped"),
    [
        ("tcp", part(PIDF_TYPE, DEVICE_PIDF), [PIDF_TYPE]),
        ("tls", part(PIDF_TYPE, "<presence <<< \x01"), [PIDF_TYPE]),
        ("tcp", part(SUBSCRIBER_TYPE, "<x/>"), [SUBSCRIBER_TYPE.lower()]),
        ("tcp", part(PIDF_TYPE, "<a>" * 4000), [PIDF_TYPE]),
        ("udp", part(PIDF_TYPE, "<a>" * 15_000), [PIDF_TYPE]),
        ("udp", "--d\r\n\r\n", []),
        ("tcp", "--other\r\n--d--x\r\n", []),
    ],
    ids=["another place", "malformed", "another name", "12 kB", "45 kB", "no type", "broken boundaries"],
)
async def test_what_a_device_says_of_itself_never_stands_in_place_of_ours(
    demo: Demo, transport: str, parts: str, dropped: list[str]
) -> None:
    async with demo.phone("anna", transport=transport) as anna:
        await anna.register()
        claims = {
            "Geolocation": "<cid:me@x>",
            "Geolocation-Routing": "no",
            "Call-Info": "<cid:s@x>;purpose=EmergencyCallData.SubscriberInfo",
            "Resource-Priority": "esnet.4",
            "Priority": "psap-callback",
        }
        call = await anna.call("112", body=beside_sdp(parts), headers=claims)
        await helped(call)
    row = last_call(demo)
    complete(row, demo, "anna")
    assert "me@x" not in str(row["headers"])
    followed = demo.stack.json("follow", call.invite.call_id)["rows"]
    attempt = next(one for one in followed if one["what"] == "attempt")
    assert attempt["dropped"] == [*dropped, "geolocation"]


async def test_an_ordinary_call_takes_no_priority_along(demo: Demo) -> None:
    async with demo.phone("anna") as anna:
        await anna.register()
        claims = {"Resource-Priority": "esnet.1", "Priority": "psap-callback"}
        call = await anna.call("0470123456", headers=claims)
        await call.answered()
        await call.hang_up()
    names = {name.lower() for name, _ in demo.carrier_calls()[0]["headers"]}
    assert not {"resource-priority", "priority"} & names


# ------------------------------------------------------------------- call back


async def call_back(demo: Demo, row: dict[str, Any]) -> asyncio.Task[tuple[int, Any]]:
    url = f"http://127.0.1.112:8112/calls/{row['id']}/call-back"
    return asyncio.create_task(asyncio.to_thread(http, "POST", url, {"seconds": 1}))


FORWARDED = [
    {"condition": condition, "target": "+32470999999"}
    for condition in ("always", "busy", "no-answer", "unreachable")
]
SHUT = {"suspended": True, "reject_anonymous": True, "stop_forwarding": True}


async def test_called_back_although_all_calls_are_forwarded(demo: Demo) -> None:
    demo.set_user("bram", **SHUT, forwarding=FORWARDED)
    demo.set_customer("Bakkerij De Zon", suspended=True)
    try:
        async with demo.phone("bram", transport="tls") as bram:
            await bram.register()
            await helped(await bram.call("112"))
            task = await call_back(demo, last_call(demo))
            incoming = await bram.wait_call()
            assert incoming.invite.headers.get("Priority") == "psap-callback"
            await incoming.answer(tone=440)
            await incoming.hears(1200)
            assert (await task)[1]["heard_tone"] == 440
    finally:
        demo.set_customer("Bakkerij De Zon", suspended=False)
        demo.set_user("bram", **dict.fromkeys(SHUT, False), forwarding=[])


async def test_a_call_back_to_the_main_number_reaches_who_called(demo: Demo) -> None:
    """Chloé shows the main number; the centre calls it, and her telephone rings, not everyone's."""
    main = next(c["main_number"] for c in demo.world["customers"] if c["name"] == "Bakkerij De Zon")
    async with demo.phone("chloe") as chloe, demo.phone("anna") as anna:
        await chloe.register()
        await anna.register()
        await helped(await chloe.call("112", headers={"P-Preferred-Identity": f"<sip:{main}@x>"}))
        row = last_call(demo, **{"from": main})
        task = await call_back(demo, row)
        incoming = await chloe.wait_call()
        await anna.no_call(0.5)
        await incoming.answer()
        assert (await task)[1]["sip_code"] == 200


async def test_psap_callback_is_believed_of_nobody_else(demo: Demo) -> None:
    demo.set_user("bram", suspended=True)
    try:
        async with demo.phone("bram") as bram:
            await bram.register()
            answer = await demo.carrier_calls_in(
                "+32470111222", demo.number("bram"), headers={"Priority": "psap-callback"}
            )
            assert answer["sip_code"] == 480
            await bram.no_call(0.3)
    finally:
        demo.set_user("bram", suspended=False)


# -------------------------------------------------------------------- priority


async def test_an_ordinary_call_leaves_the_reserved_lines_of_a_trunk(demo: Demo) -> None:
    limits = {"max_calls": 2, "reserved_calls": 1}
    demo.set_trunk("national", **limits)
    try:
        async with demo.phone("anna") as anna, demo.phone("bram") as bram:
            await anna.register()
            await bram.register()
            first = await anna.call("0470123456")
            await first.answered()
            second = await bram.call("0470123457")
            await second.answered()
            assert demo.carrier_calls()[0]["dialled"] == "+32470123456", "the second took another carrier"
            helpline = await bram.call("106")
            await helpline.answered()
            assert demo.carrier_calls()[0]["dialled"] == "106", "the reserved line is there for it"
            for call in (first, second, helpline):
                await call.hang_up()
            third = await bram.call("0470123458")
            await third.answered()
            assert demo.carrier_calls()[0]["dialled"] == "+32470123458", "lines are given back"
            await third.hang_up()
    finally:
        demo.set_trunk("national", max_calls=0, reserved_calls=0)
    reasons = demo.stack.json("follow", second.invite.call_id)["rows"]
    assert any(one["what"] == "stage" for one in reasons)


async def test_1813_leaves_no_trace_for_the_employer(demo: Demo) -> None:
    async with demo.phone("anna") as anna:
        await anna.register()
        call = await anna.call("1813")
        await call.answered()
        await call.hang_up()
    cdr = demo.cdr(call.invite.call_id)
    assert cdr["emergency_class"] == "remote"
    tokens = [one for one in demo.world["portal"]["tokens"] if one["customer"] == "Bakkerij De Zon"]
    assert tokens
    for token in tokens:
        url = demo.world["portal"]["api"] + "/calls"
        status, answer = http("GET", url, token=token["token"])
        assert status == 200
        assert cdr["call_id"] not in str(answer)
        assert "1813" not in str(answer)
        assert http("GET", f"{url}/{cdr['call_id']}", token=token["token"])[0] == 404
