"""The rooms of calls: what is found, what is shown to whom, what is counted, what leaves as CSV."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from kiestoon.portal.audit.models import Entry
from kiestoon.portal.calls.models import Call
from kiestoon.portal.pages import call_search
from kiestoon.portal.pages.call_access import SHOWN_FOR, numbers_are_shown
from kiestoon.portal.pages.call_form import numbers_meant
from kiestoon.portal.pages.call_search import Criteria, Search
from kiestoon.portal.people.access import GRANTS, Access
from kiestoon.portal.people.models import Person
from tests.call_events import NOON, answer, attempt, bye, event, fail, media
from tests.integration.portal.conftest import World, api_client, make_world
from tests.integration.portal.test_pages import REASON, make_call, signed_in

pytestmark = pytest.mark.django_db

LIST = "/en/calls/"


@pytest.fixture
def world(store: Path) -> World:
    return make_world()


def body(client: Client, path: str = LIST, **query: str) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def listed(client: Client, **query: str) -> set[str]:
    page = body(client, **query)
    return {part.split('"')[0] for part in page.split('<tr id="c-')[1:]}


def lines(client: Client, language: str = "en", **query: str) -> list[list[str]]:
    response = client.get(f"/{language}/calls/export/", query)
    text = b"".join(response).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:]), delimiter="," if language == "en" else ";"))


# --------------------------------------------------------------------- finding


@pytest.mark.parametrize(
    "written",
    ["0471 99 99 99", "+32 (0)471/99.99.99", "0032471999999", "471-99 99 99", "32471999999", "O471 99 99 99"],
)
def test_a_number_is_found_however_it_is_written(world: World, written: str) -> None:
    make_call("c1")
    make_call("c2", to_number="+32471999999")
    assert listed(signed_in("support"), q=written) == {"c2"}


def test_what_a_number_may_mean() -> None:
    assert numbers_meant("0032 (0)470-12.34/56") == ("+32470123456",)
    assert numbers_meant("470 12 34 56") == ("+32470123456", "470123456")
    assert numbers_meant("112") == ("112",)
    assert numbers_meant("201") == ("201",)
    assert numbers_meant("+33 1 45 67 89 01") == ("+33145678901",)
    for text in ("anna", "4f2a@198.51.100.7", "0470 12 34 56 of 0471", "1", "++32", "0470abc"):
        assert numbers_meant(text) == (), text


def test_a_call_id_leads_to_the_call(world: World) -> None:
    make_call("19f-1", sip_call_ids=["4f2a@198.51.100.7"], calling_customer_id=world.zon.pk)
    client = signed_in("support")
    for text in ("19f-1", "4f2a@198.51.100.7"):
        assert client.get(LIST, {"q": text})["Location"] == "/en/calls/19f-1/"


def test_a_sip_call_id_leads_to_no_call_of_others(world: World) -> None:
    """Neither another customer's, nor, for the called, one whose Call-ID is the caller's."""
    make_call(
        "c1",
        sip_call_ids=["4f2a@198.51.100.7"],
        customer_id=world.zon.pk,
        calling_customer_id=world.zon.pk,
        called_customer_id=world.lambert.pk,
    )
    called = signed_in("customer-admin", customer=world.lambert)
    assert listed(called) == {"c1"}
    assert "Nothing found" in body(called, q="4f2a@198.51.100.7")


def test_a_name_finds_the_calls_of_its_user_or_customer(world: World) -> None:
    make_call("by-anna", username="anna", customer_id=world.zon.pk, calling_customer_id=world.zon.pk)
    make_call(
        "to-anna",
        direction="incoming",
        from_number="+32470000001",
        to_number="+3238080101",
        customer_id=world.zon.pk,
        called_customer_id=world.zon.pk,
    )
    make_call("by-bram", username="bram", from_number="+3238080102", customer_id=world.zon.pk)
    make_call("by-denis", username="denis", from_number="+3281880201", customer_id=world.lambert.pk)
    client = signed_in("support")
    assert listed(client, q="anna") == {"by-anna", "to-anna"}
    assert listed(client, q="lamb") == {"by-denis"}
    choices = body(client, q="an")  # Anna and no other; Lambert has no "an"
    assert "Whose calls?" not in choices
    choices = body(client, q="a")
    assert "Whose calls?" in choices
    assert "?user=anna" in choices
    assert f"?customer={world.lambert.pk}" in choices
    assert "Nothing found" in body(client, q="nobody of that name")


def test_a_customers_person_finds_no_names_of_others(world: World) -> None:
    client = signed_in("customer-admin", customer=world.zon)
    assert "Nothing found" in body(client, q="Denis")
    assert client.get(LIST, {"user": "denis"}).status_code == 422
    assert 'name="customer"' not in body(client)
    make_call("mine", customer_id=world.zon.pk)
    make_call("theirs", customer_id=world.lambert.pk)
    assert listed(client, customer=str(world.lambert.pk), trunk="x", emergency="yes") == {"mine"}


# --------------------------------------------------------------------- filters


def test_filters(world: World) -> None:
    now = datetime.now(UTC)
    old = now - timedelta(days=9)
    make_call("busy")
    make_call("answered", answered_at=now, sip_code=200, talk_ms=61_000, direction="incoming")
    make_call("unanswered", sip_code=480, customer_id=world.zon.pk)
    make_call("refused", sip_code=403, trunk_id="national")
    make_call("failed", sip_code=503, customer_id=world.lambert.pk, called_customer_id=world.zon.pk)
    make_call("106", emergency_class="remote", to_number="106", sip_code=200, answered_at=now)
    make_call("112", emergency_class="on-site", to_number="112", sip_code=200, answered_at=now)
    make_call("old", started_at=old)
    make_call("going on", ended_at=None, sip_code=None)
    client = signed_in("support")
    for query, wanted in (
        ({"result": "busy"}, {"busy", "old"}),
        ({"result": "answered"}, {"answered", "106"}),
        ({"result": "no-answer"}, {"unanswered"}),
        ({"result": "refused"}, {"refused"}),
        ({"result": "failed"}, {"failed"}),
        ({"direction": "incoming"}, {"answered"}),
        ({"at_least": "60"}, {"answered"}),
        ({"customer": "Zon"}, {"unanswered", "failed"}),
        ({"trunk": "national"}, {"refused"}),
        ({"emergency": "yes"}, {"106"}),
        ({"period": "7-days", "result": "busy"}, {"busy"}),
        ({"period": "range", "first": f"{old:%Y-%m-%d}", "last": f"{old:%Y-%m-%d}"}, {"old"}),
        ({"result": "busy", "direction": "incoming"}, set()),
    ):
        assert listed(client, **query) == wanted, query
    assert len(listed(client)) == 8


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"first": "2026-03-02", "last": "2026-03-01"}, "The last day is before the first."),
        ({"customer": "nobody"}, "No customer is called “nobody”."),
        ({"at_least": "long"}, "Enter a whole number."),
        ({"result": "perfect"}, "is not one of the available choices"),
        ({"user": "nobody"}, "There is no such user."),
    ],
)
def test_a_filter_that_cannot_be_says_so_and_keeps_what_was_typed(
    world: World, query: dict[str, str], words: str
) -> None:
    answer = signed_in("support").get(LIST, query)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert escape(next(iter(query.values()))) in answer.content.decode()


def test_a_place_in_the_list_that_is_none_is_the_beginning(world: World) -> None:
    make_call("c1")
    client = signed_in("support")
    for before in ("x", "9" * 40, "-1.c", "1.\0", "²"):
        assert client.get(LIST, {"before": before}).status_code == 200


# ------------------------------------------------------------- pages and counts


def test_every_call_is_on_exactly_one_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those that began in the same moment, and those that two branches find."""
    monkeypatch.setattr(call_search, "COUNTED", 100)
    now = datetime.now(UTC)
    zon = world.zon.pk
    for n in range(120):
        make_call(
            f"c{n:03}", started_at=now - timedelta(seconds=n // 7), customer_id=zon, called_customer_id=zon
        )
    make_call("another's", customer_id=world.lambert.pk)
    client = signed_in("customer-admin", customer=world.zon)
    page = body(client)
    assert "More than 100 match." in page
    seen: list[str] = []
    while True:
        seen += [part.split('"')[0] for part in page.split('<tr id="c-')[1:]]
        if 'rel="next"' not in page:
            break
        address = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
        page = body(client, LIST + address)
    assert len(seen) == 120
    assert len(set(seen)) == 120
    assert len(lines(client)) == 121


def test_a_rare_result_is_looked_for_piece_by_piece(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is claimed about calls that were not looked at; going on finds them."""
    monkeypatch.setattr(call_search, "LOOKED_AT", 10)
    now = datetime.now(UTC)
    for n in range(25):
        make_call(f"c{n:02}", started_at=now - timedelta(minutes=n), sip_code=503 if n in (3, 24) else 486)
    client = signed_in("support")
    seen, page, asked = [], body(client, result="failed"), 1
    assert "were not looked at yet" in page
    while 'rel="next"' in page:
        seen += [part.split('"')[0] for part in page.split('<tr id="c-')[1:]]
        page = body(client, LIST + page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&"))
        asked += 1
    seen += [part.split('"')[0] for part in page.split('<tr id="c-')[1:]]
    assert (seen, asked) == (["c03", "c24"], 3)


def test_everything_is_neither_counted_nor_paged(world: World) -> None:
    for n in range(30):
        make_call(f"c{n:02}")
    access = Access("support", GRANTS["support"])
    with connection.execute_wrapper(_refuse_offsets):
        assert len(list(Search(access, Criteria()).everything())) == 30


def _refuse_offsets(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    assert "OFFSET" not in sql
    assert "COUNT(" not in sql
    return execute(sql, params, many, context)


# ---------------------------------------------------------------------- export


def test_the_export_holds_what_the_search_shows(world: World) -> None:
    make_call("c1", dialled="=cmd|' /C calc'!A0")
    make_call("c2", sip_code=503)
    client = signed_in("support")
    rows = lines(client, "nl", result="busy")
    assert rows[0][0] == "Oproepnummer om te vermelden"
    assert [row[0] for row in rows[1:]] == ["c1"]
    assert rows[1][1].endswith("Z")
    assert "+32470123456" in rows[1]
    assert "'=cmd|' /C calc'!A0" in rows[1]
    assert len(lines(client)) == 3
    answer = client.get("/en/calls/export/")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer["Content-Disposition"]


# ---------------------------------------------------------- who sees how much


def test_a_withheld_number_stays_withheld_from_the_called(world: World) -> None:
    """Whatever way it was called; neither shown, found, nor exported. The caller's own company sees it."""
    ways: dict[str, dict[str, Any]] = {
        "device": {"cli": None},
        "pbx": {"cli": "+3238080101", "trunk_id": "lambert-pbx", "trunk_name": "PBX"},
        "forwarded": {
            "cli": "+3238080101",
            "direction": "forwarded",
            "forwarded_from": "+3281880201",
            "to_number": "+32470999999",
        },
    }
    for call_id, fields in ways.items():
        values = {"to_number": "+3281880201", "dialled": "+3281880201", **fields}
        make_call(
            call_id,
            customer_id=world.zon.pk,
            calling_customer_id=world.zon.pk,
            withheld=True,
            called_customer_id=world.lambert.pk,
            username="anna",
            **values,
            events=[attempt(call_id, reasons=[REASON])],
        )
    called, calling = (
        signed_in("customer-admin", customer=world.lambert),
        signed_in("customer-user", customer=world.zon, telephone_user=world.anna),
    )
    for path in (LIST, *(f"{LIST}{call_id}/" for call_id in ways)):
        for number in ("+3238080101", "03 808 01 01"):
            assert number not in body(called, path)
        assert "Withheld" in body(called, path)
        assert "03 808 01 01" in body(calling, path)
    assert "Allowed for this caller." in body(calling, f"{LIST}pbx/")
    assert "Allowed for this caller." not in body(called, f"{LIST}pbx/")
    assert "belong to the caller" in body(called, f"{LIST}pbx/")
    assert listed(called, q="+3238080101") == set()
    assert "+3238080101" not in str(lines(called))
    assert "+3238080101" in str(lines(calling))
    token = api_client("customer-admin", world.lambert)
    assert {(row["from"], str(row["reasons"])) for row in token.get("/api/calls").json()["items"]} == {
        (None, "[]")
    }
    assert token.get("/api/calls", {"number": "+3238080101"}).json()["items"] == []
    assert api_client("support").get("/api/calls/pbx").json()["from"] == "+3238080101"


def test_a_caller_from_outside_who_withholds_is_unknown_to_the_called(world: World) -> None:
    """Although the called customer is the one the call counts for."""
    call = {
        "direction": "incoming",
        "from_number": "+32470000001",
        "to_number": "+3238080101",
        "customer_id": world.zon.pk,
        "called_customer_id": world.zon.pk,
    }
    event_ = attempt("x", user=None, dialled="+3238080101", reasons=[REASON]) | {"from": "+32470000001"}
    make_call("hidden", withheld=True, events=[event_], **call)
    make_call("open", withheld=False, events=[event_], **call)
    make_call("old", withheld=None, events=[event_], **call)
    client = signed_in("customer-admin", customer=world.zon)
    for call_id, seen in (("hidden", False), ("open", True), ("old", False)):
        page = body(client, f"{LIST}{call_id}/")
        assert ("0470 00 00 01" in page) is seen, call_id
        assert ("+32470000001" in page) is False
    assert "Allowed for this caller." in body(client, f"{LIST}hidden/")  # why it did or did not arrive
    assert listed(client, q="0470000001") == {"open"}
    assert "0470 00 00 01" in body(signed_in("support"), f"{LIST}hidden/")


def test_where_the_called_forwards_to_is_not_for_the_caller(world: World) -> None:
    """Neither its mobile number nor who works there: not shown, found, exported, told over the API."""
    reasons = [
        {"step": "forwarding", "result": "no-answer", "why": "forwards to denis"},
        {"step": "destination", "result": "user", "why": "rings the devices of denis"},
    ]
    trunk = {"id": "national", "name": "national carrier"}
    stage = event("stage", "c1", NOON + 20_000, because="no-answer", trunk=trunk, to="+32470999999", code=408)
    stages = [
        {"at": NOON, "to": "+3281880201", "trunk": None, "users": ["denis"], "because": "routed"},
        {"at": NOON + 20_000, "to": "+32470999999", "trunk": trunk, "users": [], "because": "no-answer"},
    ]
    make_call(
        "c1",
        direction="forwarded",
        dialled="081 88 02 01",
        to_number="+32470999999",
        forwarded_from="+3281880201",
        customer_id=world.zon.pk,
        calling_customer_id=world.zon.pk,
        called_customer_id=world.lambert.pk,
        username="anna",
        events=[attempt("c1", reasons=reasons, users=["denis"], trunk=None, dialled="081 88 02 01"), stage],
        stages=stages,
    )
    calling = signed_in("customer-admin", customer=world.zon)
    for text in (body(calling), body(calling, f"{LIST}c1/"), str(lines(calling))):
        assert "denis" not in text
        assert "0470 99 99 99" not in text
        assert "+32470999999" not in text
        assert "081 88 02 01" in text or "+3281880201" in text
    assert listed(calling, q="0470 99 99 99") == set()
    token = api_client("customer-admin", world.zon)
    answer = token.get("/api/calls/c1").json()
    assert (answer["to"], answer["forwarded_from"]) == ("+3281880201", None)
    assert "denis" not in str(answer["reasons"])
    called = signed_in("customer-user", customer=world.lambert, telephone_user=world.denis)
    assert listed(called, q="0470 99 99 99") == {"c1"}
    assert "denis" in body(signed_in("support"), f"{LIST}c1/")


def test_a_call_that_shows_my_number_from_outside_is_not_mine(world: World) -> None:
    make_call(
        "spoof",
        direction="incoming",
        from_number="+3238080101",
        to_number="+3238080102",
        withheld=True,
        customer_id=world.zon.pk,
        called_customer_id=world.zon.pk,
    )
    anna = signed_in("customer-user", customer=world.zon, telephone_user=world.anna)
    assert listed(anna) == set()


def test_a_helpline_is_nowhere_for_the_customer(world: World) -> None:
    call: dict[str, Any] = {
        "customer_id": world.zon.pk,
        "calling_customer_id": world.zon.pk,
        "username": "anna",
        "emergency_class": "remote",
        "to_number": "106",
        "dialled": "106",
        "sip_call_ids": ["4f2a@x"],
    }
    make_call("helpline", **call)
    make_call("now", **{**call, "ended_at": None, "sip_code": None, "sip_call_ids": ["4f2b@x"]})
    make_call("plain", customer_id=world.zon.pk, username="anna")
    for client in (
        signed_in("customer-admin", customer=world.zon),
        signed_in("customer-user", customer=world.zon, telephone_user=world.anna),
    ):
        assert listed(client) == {"plain"}
        for query in ({"q": "106"}, {"q": "helpline"}, {"q": "4f2a@x"}, {"q": "now"}):
            assert "/calls/helpline/" not in body(client, **query)
            assert "/calls/now/" not in body(client, **query)
        assert "1 matches." in body(client)
        assert "No calls at this moment" in body(client, f"{LIST}live/")
        assert len(lines(client)) == 2
        assert client.get(f"{LIST}helpline/").status_code == 404
        assert client.post(f"{LIST}helpline/numbers/").status_code == 404
    support = signed_in("support")
    assert listed(support, q="106") == {"helpline", "now"}
    assert listed(support, emergency="yes") == {"helpline", "now"}


def test_numbers_are_masked_for_network_until_asked_for_and_that_is_recorded(world: World) -> None:
    events = [attempt("c1"), fail("c1", NOON + 5_000)]
    make_call("c1", username="anna", events=events)
    client = signed_in("network")
    for path in (LIST, f"{LIST}c1/", f"{LIST}live/"):
        assert "0470 12 34 56" not in body(client, path)
        assert "+32470123456" not in body(client, path)
    assert "0470 ·· ·· 56" in body(client, f"{LIST}c1/")
    assert "+32470123456" not in str(lines(client))
    assert "+32470123456" not in str(api_client("network").get("/api/calls").json()["items"][0]["to"])
    answer = client.post(f"{LIST}c1/numbers/", follow=True)
    assert "0470 12 34 56" in answer.content.decode()
    assert "0470 ·· ·· 56" in answer.content.decode().split("for-support")[2]
    shown = Entry.objects.get(action="show_call_numbers")
    assert (shown.ids, shown.person_id) == ({"call_id": "c1"}, Person.objects.get(username="a-network").pk)
    assert "0470 ·· ·· 56" in body(client)  # the list stays masked
    later = datetime.now(UTC) + SHOWN_FOR
    assert shown.person_id is not None
    assert numbers_are_shown(Call.objects.get(), shown.person_id, datetime.now(UTC))
    assert not numbers_are_shown(Call.objects.get(), shown.person_id, later)
    assert client.get(f"{LIST}c1/numbers/").status_code == 405


def test_support_sees_numbers_without_asking(world: World) -> None:
    make_call("c1")
    page = body(signed_in("support"), f"{LIST}c1/")
    assert "0470 12 34 56" in page
    assert "Show the numbers" not in page


# -------------------------------------------------------------------- one call


def rich_call() -> Call:
    """Forwarded from Bram's silent phone to a mobile that answered."""
    first = attempt(
        "c1",
        direction="incoming",
        customer=1,
        customer_to=1,
        customer_from=None,
        withheld=False,
        user=None,
        trunk_in={"id": "national", "name": "national carrier"},
        trunk=None,
        users=["bram"],
        m=1_000,
        reasons=[{"step": "destination", "result": "user", "why": "rings the devices of bram"}],
        dialled="+3238080102",
    ) | {"from": "+32470000001", "to": "+3238080102"}
    events = [
        first,
        event(
            "stage",
            "c1",
            NOON + 20_000,
            m=21_000,
            because="no-answer",
            trunk={"id": "national", "name": "national carrier"},
            users=[],
            forwarded_from="+3238080102",
            to="+32470999999",
            code=408,
            rang=1_250,
        ),
        answer("c1", NOON + 26_000, m=27_000, rang=24_000),
        bye("c1", NOON + 86_000, "callee", m=87_000),
        media("c1", NOON + 86_005, m=87_005, mos=3.2, loss=4.0),
    ]
    at = datetime.fromtimestamp(NOON / 1000, UTC)
    return make_call(
        "c1",
        direction="forwarded",
        from_number="+32470000001",
        to_number="+32470999999",
        events=events,
        forwarded_from="+3238080102",
        started_at=at,
        answered_at=at + timedelta(seconds=26),
        ended_at=at + timedelta(seconds=86),
        talk_ms=60_000,
        sip_code=200,
        hung_up_by="callee",
        mos=3.2,
        loss=4.0,
        codec="pcma",
        user_agent="",
        trunk_id="national",
        trunk_name="national carrier",
        stages=[
            {
                "at": NOON,
                "to": "+3238080102",
                "trunk": None,
                "users": ["bram"],
                "because": "routed",
                "forwarded_from": None,
            },
            {
                "at": NOON + 20_000,
                "to": "+32470999999",
                "trunk": {"id": "national", "name": "national carrier"},
                "users": [],
                "because": "no-answer",
                "forwarded_from": "+3238080102",
            },
        ],
    )


def test_one_call_tells_what_was_tried_and_measured(world: World) -> None:
    rich_call()
    page = body(signed_in("support"), f"{LIST}c1/")
    for words in (
        "Answered; they talked for 1:00.",
        "Rings the devices of bram.",
        "Forwarded when nobody answered",
        "0.2 s",
        "25.8 s",
        "20.0 s",
        "No answer (408)",
        "Poor",
        "pcma",
        "4.0 %",
        "Ringing",
        "BYE",
        "INVITE",
        "0470 99 99 99",
        "Stage 2 is tried",
        "No answer in time",
    ):
        assert words in page, words
    assert "CANCEL" not in page
    assert (
        "180 " not in page.split("<main")[1].split("viewBox")[0]
    )  # which ringing reply it was, nobody noted
    copied = page.split('id="for-support"')[1].split("</textarea>")[0]
    assert "0470 ·· ·· 99" in copied
    assert "0470 99" not in copied
    drawing = page.split('aria-hidden="true"><svg width')[1].split("</svg>")[0]
    assert drawing.count("marker-end") == 7


def test_one_call_in_four_languages(world: World) -> None:
    rich_call()
    client = signed_in("support")
    for language, words in (
        ("nl", "Laat de toestellen van bram rinkelen."),
        ("fr", "Fait sonner les appareils de bram."),
        ("de", "Lässt die Geräte von bram klingeln."),
    ):
        page = body(client, f"/{language}/calls/c1/")
        assert words in page
        assert "Rings the devices" not in page


def test_a_call_nobody_measured_says_so(world: World) -> None:
    make_call("c1", events=[])
    page = body(signed_in("support"), f"{LIST}c1/")
    assert page.count("Not measured") >= 6
    assert "No steps were recorded" in page
    assert "0.0" not in page.split("What was heard")[1]


# ------------------------------------------------------------------------ live


def test_calls_going_on_are_listed_and_go(world: World) -> None:
    call = make_call("c1", ended_at=None, sip_code=None)
    client = signed_in("support")
    page = body(client, f"{LIST}live/")
    assert "Ringing" in page
    assert 'hx-trigger="every 3s"' in page
    assert f'data-k-age="{timezone.localtime():%Y-%m-%dT%H:}' in page
    part = client.get(f"{LIST}live/", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="now"')
    Call.objects.filter(pk=call.pk).update(ended_at=datetime.now(UTC))
    assert "No calls at this moment" in body(client, f"{LIST}live/")
    assert "hx-trigger" not in body(client, f"{LIST}live/", pause="1")
