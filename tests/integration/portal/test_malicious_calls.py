"""Malicious calls: marked by whoever was called, handled with the authorities, told to nobody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from kiestoon.portal.calls.models import Call
from kiestoon.portal.compliance.register import REGISTER
from kiestoon.portal.malicious_calls import services
from kiestoon.portal.malicious_calls.models import Case, Handover
from tests.integration.portal.conftest import World, make_world
from tests.integration.portal.rooms import body, signed_in
from tests.integration.portal.test_pages import make_call

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)
SECRET = "+32470999111"
"""Who called, without showing a number."""


@pytest.fixture
def world(store: Path) -> World:
    return make_world()


def received(world: World, call_id: str = "m1", **fields: object) -> Call:
    given = {
        "direction": "incoming",
        "customer_id": world.zon.pk,
        "called_customer_id": world.zon.pk,
        "from_number": SECRET,
        "to_number": "+3238080102",
        "dialled": "+3238080102",
        "username": None,
        "withheld": True,
        "cli": None,
    }
    return make_call(call_id, **{**given, **fields})


def test_the_called_user_marks_a_call_and_is_never_told_who_it_was(world: World) -> None:
    received(world)
    client = signed_in(world, "customer-user")
    assert "Mark this call as malicious" in body(client.get("/en/calls/m1/"))
    answer = client.post("/en/calls/m1/malicious/", {"note": "threatened me"})
    assert answer["Location"] == "/en/malicious-calls/"
    case = Case.objects.get()
    assert (case.customer_id, case.user_id, case.called) == (world.zon.pk, world.bram.pk, "+3238080102")
    page = body(client.get("/en/malicious-calls/"))
    assert "Nobody has looked at it yet" in page
    assert "999111" not in page.replace(" ", "")
    assert client.get(f"/en/malicious-calls/{case.pk}/").status_code == 403
    again = client.post("/en/calls/m1/malicious/", {"note": ""})
    assert again.status_code == 422
    assert Case.objects.count() == 1


def test_a_call_one_made_or_that_is_old_or_anothers_cannot_be_marked(world: World) -> None:
    make_call("made", customer_id=world.zon.pk, username="bram", from_number="+3238080102")
    received(world, "old", started_at=NOW - timedelta(days=367))
    received(world, "theirs", customer_id=world.lambert.pk, called_customer_id=world.lambert.pk)
    client = signed_in(world, "customer-admin")
    for call_id in ("made", "old", "theirs"):
        assert client.post(f"/en/calls/{call_id}/malicious/", {}).status_code == 404
    assert "Mark this call as malicious" not in body(client.get("/en/calls/made/"))
    with pytest.raises(ValidationError, match="Only a call that came in"):
        services.mark(Call.objects.get(pk="made"), world.zon, note="", by="an", user_id=None, now=NOW)
    assert not Case.objects.exists()


def test_the_case_with_what_was_handed_over_to_whom_and_when(world: World) -> None:
    received(world)
    services.mark(Call.objects.get(), world.zon, note="x", by="bram", user_id=None, now=NOW)
    case = Case.objects.get()
    client = signed_in(world, "compliance")
    page = body(client.get(f"/en/malicious-calls/{case.pk}/"))
    assert "+32470999111" in page
    path = f"/en/malicious-calls/{case.pk}/"
    assert client.post(f"{path}examine/").status_code == 302
    assert Case.objects.get().state == "examined"
    form = {"hand-over-to_whom": "Politie Antwerpen", "hand-over-reference": "PV 12"}
    assert client.post(f"{path}hand-over/", form).status_code == 422
    form["hand-over-what"] = "Number and times"
    assert client.post(f"{path}hand-over/", form).status_code == 302
    row = Handover.objects.get()
    assert (row.to_whom, row.by, row.records["from"]) == ("Politie Antwerpen", "a-compliance", SECRET)
    Call.objects.all().delete()
    assert "The record of this call is no longer kept" in body(client.get(path))
    assert client.post(f"{path}hand-over/", form).status_code == 422
    assert Handover.objects.count() == 1
    assert client.post(f"{path}close/", {"close-outcome": "dismissed"}).status_code == 302
    assert client.post(f"{path}close/", {"close-outcome": "again"}).status_code == 422
    assert Case.objects.get().outcome == "dismissed"
    assert client.post(f"{path}nonsense/", {}).status_code == 404


def test_another_customer_sees_no_case(world: World) -> None:
    received(world, "theirs", customer_id=world.lambert.pk, called_customer_id=world.lambert.pk)
    services.mark(Call.objects.get(), world.lambert, note="", by="d", user_id=None, now=NOW)
    assert "No malicious calls" in body(signed_in(world, "customer-admin").get("/en/malicious-calls/"))
    assert "Lambert" in body(signed_in(world, "support").get("/en/malicious-calls/"))
    assert signed_in(world, "network").get("/en/malicious-calls/").status_code == 403


def test_support_marks_for_a_customer_that_rings_up(world: World) -> None:
    received(world)
    assert signed_in(world, "support").post("/en/calls/m1/malicious/", {"note": ""}).status_code == 302
    assert Case.objects.get().user_id is None


def test_cases_are_evidence_by_day(world: World) -> None:
    received(world)
    services.mark(Call.objects.get(), world.zon, note="", by="bram", user_id=None, now=NOW)
    case = Case.objects.get()
    services.hand_over(case.pk, to_whom="P", reference="R", what="W", by="an", now=NOW)
    day = NOW.date()
    counts = REGISTER.evidence("malicious-calls").counts(day - timedelta(days=1), day + timedelta(days=1))
    assert {(one.result, one.decisions) for one in counts} == {("marked", 1), ("handed-over", 1)}
    rows = REGISTER.evidence("malicious-calls").rows(NOW - timedelta(hours=1), NOW + timedelta(hours=1))
    assert [row["step"] for row in rows] == ["marked", "handed-over"]
