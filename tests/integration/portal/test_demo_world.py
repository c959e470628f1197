"""The demo world: made once, complete, published; its secrets are nowhere but in their file."""

from __future__ import annotations

import json
import stat
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client

from kiestoon.domain.routing.call import CallAttempt
from kiestoon.domain.routing.decide import decide
from kiestoon.portal.demo.bench import make_bench_users, make_numbers, remove_bench
from kiestoon.portal.numbers.models import Number
from kiestoon.portal.people.models import Person
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.portal.phones.services import change_user, ha1
from kiestoon.portal.publication.models import Change
from kiestoon.portal.publication.publisher import publish
from kiestoon.stack.totp import totp
from kiestoon.store.snapshot import SqliteSnapshot

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(store: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    call_command("demo_world")
    return told(capsys)


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    call_command("demo_world", json=True)
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_it_is_the_house_s(world: dict[str, Any]) -> None:
    roles = {person["role"] for person in world["portal"]["people"]}
    assert roles == set(Person.Role.values) == {token["role"] for token in world["portal"]["tokens"]}
    assert [(c["name"], c["language"], c["main_number"]) for c in world["customers"]] == [
        ("Bakkerij De Zon", "nl", "+3238080100"),
        ("Cabinet Lambert", "fr", "+3281880200"),
        ("Kontor Meyer", "de", "+3287880300"),
    ]
    users = {
        u["name"]: (u["extension"], u["number"], u["nomadic"]) for c in world["customers"] for u in c["users"]
    }
    assert users == {
        "Anna": ("101", "+3238080101", False),
        "Bram": ("102", "+3238080102", True),
        "Chloé": ("103", "+3238080103", True),
        "Denis": ("201", "+3281880201", False),
        "Elise": ("202", "+3281880202", True),
        "Franz": ("301", "+3287880301", False),
    }
    assert Number.objects.filter(trunk="lambert-pbx").count() == 10
    assert all(u["address"]["street"] for c in world["customers"] for u in c["users"])
    apps = {
        person["totp_secret"]: person["role"]
        for person in world["portal"]["people"]
        if not person["customer"]
    }
    assert set(apps.values()) == {"support", "network", "compliance", "finance", "admin"}
    assert None not in apps


def test_the_edge_decides_with_it(world: dict[str, Any], store: Path) -> None:
    publish()
    now = datetime.now(UTC)
    edge = SqliteSnapshot(store, store.with_name("ported.sqlite"))
    out = decide(CallAttempt("0470123456", username="anna.dezon"), edge, now)
    assert [(t.id, t.cli) for t in out.targets()] == [
        ("national", "+3238080101"),
        ("international", "+3238080101"),
    ]
    help_call = decide(CallAttempt("112", username="elise.lambert"), edge, now)
    assert [t.id for t in help_call.targets()] == ["emergency", "emergency-partner"]
    assert help_call.location is not None
    address = help_call.location
    assert (address.RD, address.HNO, address.A3) == (
        "Rue de Fer",
        "10",
        "Namur",
    )
    pbx = decide(CallAttempt("+3281880215", trunk_id="national", presented="+32470123456"), edge, now)
    assert [t.id for t in pbx.targets()] == ["lambert-pbx"]
    main = decide(CallAttempt("+3238080100", trunk_id="national", presented="+32470123456"), edge, now)
    assert len(main.targets()) == 3
    edge.close()


def test_a_second_run_changes_nothing(world: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    change_user(TelephoneUser.objects.get(username="anna.dezon"), suspended=True)
    version = publish().version
    call_command("demo_world")
    assert told(capsys) == world
    assert not Change.objects.exists()
    assert publish().version == version
    assert TelephoneUser.objects.get(username="anna.dezon").suspended


def test_secrets_are_kept_once(world: dict[str, Any]) -> None:
    path = settings.SECRETS / "demo.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    user = world["customers"][0]["users"][0]
    row = TelephoneUser.objects.get(username=user["username"])
    assert row.ha1 == ha1(user["username"], "demo.kiestoon.test", user["password"])
    assert user["password"] not in repr(vars(row))


def test_its_people_and_tokens_work(world: dict[str, Any]) -> None:
    for person in world["portal"]["people"]:
        client, sign_in = Client(), {"username": person["username"], "password": person["password"]}
        answer = client.post("/en/sign-in/", sign_in)
        if person["totp_secret"]:
            assert answer["Location"] == "/en/sign-in/second-step/", person["role"]
            code = totp(person["totp_secret"], time.time())
            answer = client.post("/en/sign-in/second-step/", {"code": code})
        assert answer["Location"] == "/en/", person["role"]
    for token in world["portal"]["tokens"]:
        headers = {"Authorization": f"Bearer {token['token']}"}
        assert Client().get("/api/users", headers=headers).status_code == 200, token["role"]


def test_lost_secrets_are_made_anew(world: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    (settings.SECRETS / "demo.json").unlink()
    with pytest.raises(CommandError):
        call_command("demo_world", json=True)
    call_command("demo_world")
    anew = told(capsys)
    assert anew["portal"]["tokens"] != world["portal"]["tokens"]
    test_its_people_and_tokens_work(anew)
    test_secrets_are_kept_once(anew)
    old = world["portal"]["tokens"][0]["token"]
    assert Client().get("/api/users", headers={"Authorization": f"Bearer {old}"}).status_code == 401


def test_the_bench_s_users_come_and_go(world: dict[str, Any], store: Path) -> None:
    before = publish().version
    assert make_bench_users() is True
    assert make_bench_users() is False
    with transaction.atomic():
        assert make_numbers(250) == 3
    assert make_numbers(250) == 0
    publish()
    edge = SqliteSnapshot(store, store.with_name("ported.sqlite"))
    assert edge.ha1("u0001") == ha1("u0001", "demo.kiestoon.test", "pw-u0001")
    bench = edge.user("u1001")
    assert bench is not None
    assert edge.user_by_extension(bench.customer_id, "1001") == bench
    assert edge.user("s0200") is not None
    number = edge.number("+3294900249")
    assert number is not None
    assert number.target == "n94900249"
    assert remove_bench() == 4
    assert publish().version > before
    assert edge.user("u0001") is None
    assert "+32949" not in edge.operator().blocks
    edge.close()
