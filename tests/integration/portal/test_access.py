"""Who may do what: people and their administrators, tokens that give no more than their maker has."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from pytest_django import Settings

from kiestoon.portal.customers import choosing
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.identity.services import choose_password, give_authenticator_app
from kiestoon.portal.people import forms, services
from kiestoon.portal.people.access import GRANTS, access_of_person, access_of_token
from kiestoon.portal.people.listing import person_to_change
from kiestoon.portal.people.models import ApiToken, Person, Role
from kiestoon.portal.people.scopes import scope_words
from tests.integration.portal.conftest import World, api_client, make_world

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture
def world(store: object) -> World:
    return make_world()


def person(username: str, role: str, **fields: Any) -> Person:
    return services.create_person(username, PASSWORD, role, **fields)


def page_of(who: Person) -> Client:
    client = Client()
    client.force_login(who)
    return client


def text(answer: Any) -> str:
    body: str = answer.content.decode()
    return body


def code_in(answer: Any) -> str:
    found = re.search(r'id="one-time-code">([A-Z0-9-]+)<', text(answer))
    assert found is not None
    return found[1]


def test_a_customers_administrator_adds_a_colleague(world: World) -> None:
    """The code is shown once; with it the colleague chooses a password."""
    eva = page_of(person("eva", "customer-admin", customer=world.zon))
    fields = {"username": "jan", "first_name": "Jan", "last_name": "Peeters", "role": "customer-user"}
    answer = eva.post("/en/access/people/new/", fields)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    jan = Person.objects.get(username="jan")
    assert (jan.customer, jan.role) == (world.zon, "customer-user")
    choose_password("jan", code_in(answer), "staple of correct horses", "192.0.2.1")
    jan.refresh_from_db()
    assert jan.check_password("staple of correct horses")
    page = f"/en/access/people/{jan.pk}/"
    assert "Jan Peeters" in text(eva.get(page))
    assert code_in(answer) not in text(eva.get(page))


def test_what_is_wrong_is_said_beside_the_field(world: World) -> None:
    eva = page_of(person("eva", "customer-admin", customer=world.zon))
    for fields, words in (
        ({"username": "EVA", "role": "customer-user"}, "This user name is taken."),
        ({"username": "a b", "role": "customer-user"}, "Enter a valid username"),
        ({"username": "jan", "role": "admin"}, "Select a valid choice"),
        ({"username": "jan", "role": ""}, "This field is required"),
    ):
        answer = eva.post("/en/access/people/new/", fields)
        assert answer.status_code == 422
        assert words in text(answer)
    assert Person.objects.count() == 1


def test_another_customers_people_are_not_there(world: World) -> None:
    eva = page_of(person("eva", "customer-admin", customer=world.zon))
    denise = person("denise", "customer-user", customer=world.lambert)
    els = person("els", "support")
    body = text(eva.get("/en/access/"))
    assert "eva" in body
    assert "denise" not in body
    assert "els" not in body
    for one in (denise, els):
        page = f"/en/access/people/{one.pk}/"
        assert eva.get(page).status_code == 404
        for action in ("change/", "switch/", "password/", "second-factors/", "sign-out/"):
            assert eva.post(page + action, {"active": "no"}).status_code == 404, action
    denise.refresh_from_db()
    assert denise.is_active
    assert denise.check_password(PASSWORD)


@pytest.mark.parametrize("role", ["support", "network", "finance", "customer-user"])
def test_other_roles_do_not_manage_people(world: World, role: str) -> None:
    customer = {"customer": world.zon} if role.startswith("customer") else {}
    client = page_of(person("x", role, **customer))
    assert client.get("/en/access/").status_code == 403
    assert client.get("/en/audit/").status_code == 403
    assert client.post("/en/access/people/new/", {"username": "y", "role": role}).status_code == 403
    assert 'href="/en/access/"' not in text(client.get("/en/account/"))


def test_compliance_reads_and_changes_nothing(world: World) -> None:
    client = page_of(person("cleo", "compliance"))
    els = person("els", "support")
    page = f"/en/access/people/{els.pk}/"
    assert "Save person" not in text(client.get(page))
    assert client.post(page + "change/", {"role": "admin"}).status_code == 403
    for action in ("switch/", "password/", "second-factors/", "sign-out/"):
        assert client.post(page + action).status_code == 403
    assert client.get("/en/access/tokens/").status_code == 200
    assert client.get("/en/access/tokens/new/").status_code == 403


def test_the_last_administrator_stays(world: World) -> None:
    ada = person("ada", "admin")
    client, page = page_of(ada), f"/en/access/people/{ada.pk}/"
    version = re.search(r'name="version" value="(\w+)"', text(client.get(page)))
    assert version is not None
    answer = client.post(page + "change/", {"role": "support", "version": version[1]})
    assert answer.status_code == 422
    assert "the last administrator" in text(answer)
    answer = client.post(page + "switch/", {"active": "no"})
    assert answer.status_code == 422
    assert "the last administrator" in text(answer)
    person("bob", "admin")
    assert client.post(page + "change/", {"role": "support", "version": version[1]}).status_code == 302
    assert Person.objects.get(pk=ada.pk).role == "support"


def test_a_customer_keeps_an_administrator_unless_the_operator_decides(world: World) -> None:
    eva = person("eva", "customer-admin", customer=world.zon)
    with pytest.raises(ValidationError, match="last administrator"):
        services.switch_off(access_of_person(eva), eva)
    person("denise", "customer-admin", customer=world.lambert)
    with pytest.raises(ValidationError, match="last administrator"):
        services.change_person(access_of_person(eva), eva, role="customer-user")
    services.switch_off(access_of_person(person("ada", "admin")), eva)
    assert not Person.objects.get(pk=eva.pk).is_active


@pytest.mark.django_db(transaction=True)
def test_two_administrators_remove_each_other_at_once(world: World) -> None:
    """One of the two stays, whoever was first."""
    ada, bob = person("ada", "admin"), person("bob", "admin")
    together, refused = threading.Barrier(2), []

    def remove(by: Person, whom: Person) -> None:
        together.wait()
        try:
            with transaction.atomic():
                access = access_of_person(by)
                services.switch_off(access, person_to_change(access, whom.pk))
        except ValidationError as error:
            refused.append(error.messages)
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=pair) for pair in ((ada, bob), (bob, ada))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(refused) == 1
    assert Person.objects.filter(role="admin", is_active=True).count() == 1


def test_a_person_switched_off_is_out_and_comes_back(world: World) -> None:
    ada, els = page_of(person("ada", "admin")), person("els", "support")
    hers, page = page_of(els), f"/en/access/people/{els.pk}/"
    token = api_client("support", person=els)
    assert hers.get("/en/calls/").status_code == 200
    assert token.get("/api/users").status_code == 200
    assert ada.post(page + "switch/", {"active": "no"}).status_code == 302
    assert hers.get("/en/calls/").status_code == 302
    assert token.get("/api/users").status_code == 401
    ada.post(page + "switch/", {"active": "yes"})
    assert token.get("/api/users").status_code == 200
    assert hers.get("/en/calls/").status_code == 302, "the old session stays ended"


def test_help_for_who_lost_everything(world: World, settings: Settings) -> None:
    ada, els = page_of(person("ada", "admin")), person("els", "support")
    give_authenticator_app(els, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    page = f"/en/access/people/{els.pk}/"
    hers = page_of(els)
    ada.post(page + "sign-out/")
    assert hers.get("/en/calls/").status_code == 302
    code = code_in(ada.post(page + "password/"))
    els.refresh_from_db()
    assert not els.check_password(PASSWORD)
    assert "Has a one-time code" in text(ada.get(page))
    choose_password("els", code, "staple of correct horses", "192.0.2.1")
    ada.post(page + "second-factors/")
    settings.SECOND_FACTOR_ROLES = ("support",)
    client = Client()
    client.post("/en/sign-in/", {"username": "els", "password": "staple of correct horses"})
    assert client.get("/en/calls/")["Location"] == "/en/account/second-factor/"


def test_two_administrators_change_one_person(world: World) -> None:
    """The second is told who was first and when, sees what is there now, and overwrites only knowingly."""
    ada = page_of(person("ada", "admin", first_name="Ada"))
    bram = page_of(person("bob", "admin", first_name="Bram"))
    els = person("els", "support")
    page = f"/en/access/people/{els.pk}/"
    version = re.search(r'name="version" value="(\w+)"', text(ada.get(page)))
    assert version is not None
    change = {"version": version[1], "first_name": "Els", "last_name": "", "role": "network"}
    assert bram.post(page + "change/", change).status_code == 302
    answer = ada.post(page + "change/", {**change, "role": "finance"})
    assert answer.status_code == 422
    body = text(answer)
    assert re.search(r"Bram changed this at \d\d:\d\d\.", body)
    assert "It now says: Network." in body
    assert '<option value="finance" selected' in body
    els.refresh_from_db()
    assert els.role == "network"
    now = re.search(r'name="version" value="(\w+)"', body)
    assert now is not None
    assert ada.post(page + "change/", {**change, "role": "finance", "version": now[1]}).status_code == 302
    els.refresh_from_db()
    assert els.role == "finance"


def test_people_over_the_api(world: World) -> None:
    api = api_client("customer-admin", world.zon)
    made = api.post("/api/people", {"username": "jan", "role": "customer-user", "customer_id": world.zon.pk,
                                    "user": "anna"}, "application/json")  # fmt: skip
    assert made.status_code == 201
    one = f"/api/people/{made.json()['person_id']}"
    choose_password("jan", made.json()["one_time_code"], "staple of correct horses", "192.0.2.1")
    seen = api.get(one)
    assert seen.json() | {"id": 0} == {
        "id": 0, "username": "jan", "first_name": "", "last_name": "", "email": "", "role": "customer-user",
        "customer_id": world.zon.pk, "user": "anna", "active": True, "second_factor": False,
        "last_login": None,
    }  # fmt: skip
    change = {"first_name": "Jan"}
    headers = {"If-Match": seen["ETag"]}
    assert api.patch(one, change, "application/json", headers=headers).status_code == 200
    late = api.patch(one, change, "application/json", headers=headers)
    assert late.status_code == 412
    assert late.json()["title"] == "Precondition Failed"
    assert api.patch(one, {"active": False}, "application/json").json()["active"] is False
    assert api.post(one + "/one-time-code").status_code == 201
    assert api.delete(one + "/second-factors").status_code == 204
    assert api.delete(one + "/sessions").status_code == 204
    assert api.get("/api/people").json()["count"] == 1
    assert api_client("customer-admin", world.lambert).get(one).status_code == 404
    assert api_client("support").get(one).status_code == 403


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"username": "x", "role": "admin"}, 422, "customer"),
        ({"username": "x", "role": "customer-user", "customer_id": 0}, 422, ""),
        ({"username": "x", "role": "emperor"}, 422, "role"),
        ({"username": "x", "role": "customer-user"}, 422, "customer"),
        ({"username": "x", "role": "customer-admin", "user": "denis"}, 422, "user"),
        ({"username": "x"}, 422, "new.role"),
    ],
)
def test_bad_people_over_the_api_change_nothing(
    world: World, body: dict[str, Any], status: int, field: str
) -> None:
    api = api_client("customer-admin", world.zon)
    answer = api.post("/api/people", body, "application/json")
    assert answer.status_code == status, answer.json()
    if field:
        assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert not Person.objects.exists()


def test_a_half_wrong_change_over_the_api_changes_nothing(world: World) -> None:
    ada = person("ada", "admin")
    api = api_client("admin", person=ada)
    answer = api.patch(f"/api/people/{ada.pk}", {"first_name": "Ada", "active": False}, "application/json")
    assert answer.status_code == 422
    ada.refresh_from_db()
    assert (ada.first_name, ada.is_active) == ("", True)


def test_a_token_is_made_used_and_revoked(world: World) -> None:
    eva = page_of(person("eva", "customer-admin", customer=world.zon))
    answer = eva.post("/en/access/tokens/new/", {"name": "export", "scopes": ["calls:read"], "days": "30"})
    found = re.search(r'id="token">([\w-]{43})<', text(answer))
    assert found is not None
    assert "no-store" in answer["Cache-Control"]
    api = Client(headers={"Authorization": f"Bearer {found[1]}"})
    assert api.get("/api/calls").status_code == 200
    assert api.get("/api/users").status_code == 403
    row = ApiToken.objects.get()
    assert row.expires_at is not None
    assert row.expires_at == pytest.approx(datetime.now(UTC) + timedelta(days=30), abs=timedelta(minutes=1))
    assert row.last_used_at is not None
    body = text(eva.get("/en/access/tokens/"))
    assert "export" in body
    assert found[1] not in body
    assert found[1] not in repr(vars(row))
    eva.post(f"/en/access/tokens/{row.pk}/revoke/")
    assert api.get("/api/calls").status_code == 401
    assert "Revoked" in text(eva.get("/en/access/tokens/"))


def test_an_expired_token_says_so(world: World) -> None:
    ada = person("ada", "admin")
    row, token = services.issue_token(
        access_of_person(ada),
        name="x",
        scopes=["calls:read"],
        expires_at=datetime.now(UTC) + timedelta(days=1),
    )
    ApiToken.objects.filter(pk=row.pk).update(expires_at=datetime.now(UTC))
    answer = Client(headers={"Authorization": f"Bearer {token}"}).get("/api/calls")
    assert answer.status_code == 401
    assert answer.json()["detail"] == "send a valid token: Authorization: Bearer TOKEN"


def test_a_token_gives_no_more_than_its_maker_has_nor_for_longer(world: World) -> None:
    eva = person("eva", "customer-admin", customer=world.zon)
    ends = datetime.now(UTC) + timedelta(days=2)
    row, token = services.issue_token(
        access_of_person(eva), name="first", scopes=["tokens:write", "calls:read"], expires_at=ends
    )
    api = Client(headers={"Authorization": f"Bearer {token}"})

    def ask(scopes: list[str], days: float) -> Any:
        until = (datetime.now(UTC) + timedelta(days=days)).isoformat()
        body = {"name": "second", "scopes": scopes, "expires_at": until}
        return api.post("/api/tokens", body, "application/json")

    assert "users:write" in ask(["users:write"], 1).json()["detail"]
    assert ask(["trunks:write"], 1).status_code == 422
    assert [one["field"] for one in ask(["calls:read"], 3).json()["errors"]] == ["expires_at"]
    assert ask(["calls:read"], -1).status_code == 422
    assert ask([], 1).status_code == 422
    made = ask(["calls:read"], 1)
    assert made.status_code == 201
    second = ApiToken.objects.get(pk=made.json()["id"])
    assert (second.customer, second.role, second.person) == (world.zon, "customer-admin", eva)
    assert api.get("/api/tokens").status_code == 403
    assert api.delete(f"/api/tokens/{row.pk}").status_code == 204
    assert api.get("/api/calls").status_code == 401


def test_a_token_loses_what_its_person_loses(world: World) -> None:
    ada = person("ada", "admin")
    person("bob", "admin")
    row, _ = services.issue_token(
        access_of_person(ada), name="x", scopes=["people:write", "calls:read"],
        expires_at=datetime.now(UTC) + timedelta(days=1),
    )  # fmt: skip
    services.change_person(access_of_person(ada), ada, role="support")
    assert access_of_token(ApiToken.objects.get(pk=row.pk)).scopes == {"calls:read"}


def test_a_narrow_token_makes_no_administrator(world: World) -> None:
    """Else it could sign in as the one it made, or as the one whose password it reset."""
    ada = person("ada", "admin")
    api = api_client("admin", person=ada, scopes=("people:read", "people:write"))
    answer = api.post("/api/people", {"username": "x", "role": "admin"}, "application/json")
    assert [one["field"] for one in answer.json()["errors"]] == ["role"]
    for ask in (
        api.post(f"/api/people/{ada.pk}/one-time-code"),
        api.delete(f"/api/people/{ada.pk}/second-factors"),
        api.patch(f"/api/people/{ada.pk}", {"first_name": "x"}, "application/json"),
    ):
        assert ask.status_code == 422
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


def test_the_table_of_roles_says_what_the_roles_may(world: World) -> None:
    body = text(page_of(person("ada", "admin")).get("/en/access/roles/"))
    for scope, words in scope_words().items():
        row = re.search(rf"{re.escape(words)}<br><span[^>]*>{scope}<.*?</tr>", body, re.S)
        assert row is not None, scope
        cells = [">Yes<" in cell for cell in re.findall(r"<td>(.*?)</td>", row[0], re.S)]
        assert cells == [scope in GRANTS[role] for role in Role.values]
    theirs = text(page_of(person("eva", "customer-admin", customer=world.zon)).get("/en/access/roles/"))
    assert "Change trunks" not in theirs
    assert "Compliance" not in theirs


def test_every_scope_has_words() -> None:
    scopes = set().union(*GRANTS.values())
    assert not scopes - set(scope_words()), "give these scopes words in people/scopes.py"
    assert not set(scope_words()) - scopes, "no role has these scopes any more: people/scopes.py"


def test_names_that_differ_in_capitals_alone_are_one(world: World) -> None:
    person("eva", "customer-admin", customer=world.zon)
    with pytest.raises(IntegrityError), transaction.atomic():
        person("Eva", "customer-admin", customer=world.zon)


def test_of_many_telephone_users_the_name_is_typed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """And of another customer's none is taken."""
    monkeypatch.setattr(forms, "MOST_TO_CHOOSE", 1)
    jan = person("jan", "customer-user", customer=world.zon, telephone_user=world.anna)
    page = f"/en/access/people/{jan.pk}/"
    eva = page_of(person("eva", "customer-admin", customer=world.zon))
    body = text(eva.get(page))
    assert '<input type="text" name="telephone_user" value="anna"' in body
    version = re.search(r'name="version" value="(\w+)"', body)
    assert version is not None
    fields = {"version": version[1], "first_name": "Jan", "last_name": "", "role": "customer-user"}
    for name, status in (("denis", 422), ("nobody", 422), ("bram", 302)):
        answer = eva.post(page + "change/", {**fields, "telephone_user": name})
        assert answer.status_code == status, name
        if status == 422:
            assert "There is no such user." in text(answer)
    jan.refresh_from_db()
    assert jan.telephone_user == world.bram


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ("bert", "Lambert"),
        ("LAMBERT", "Lambert"),
        ("{lambert}", "Lambert"),
        (" zon ", "Zon"),
        ("nni", "Zonnig"),
    ],
)
def test_of_many_customers_the_name_is_typed(
    world: World, monkeypatch: pytest.MonkeyPatch, typed: str, chosen: str
) -> None:
    monkeypatch.setattr(choosing, "MOST_TO_LIST", 1)
    Customer.objects.create(name="Zonnig", language="nl")
    ada = page_of(person("ada", "admin"))
    body = text(ada.get("/en/access/people/new/"))
    assert re.search(r'<input type="text" name="customer"[^>]* list="customer_suggestions"', body)
    assert '<option value="Zonnig">' in body
    fields = {"username": "jan", "role": "customer-user", "customer": typed.format(lambert=world.lambert.pk)}
    assert ada.post("/en/access/people/new/", fields).status_code == 200
    jan = Person.objects.get(username="jan")
    assert jan.customer is not None
    assert jan.customer.name == chosen


def test_a_name_that_may_be_of_several_customers_is_asked_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "MOST_TO_LIST", 1)
    zonnig = Customer.objects.create(name="Zonnig", language="nl")
    several = f"Several customers match: Zon ({world.zon.pk}), Zonnig ({zonnig.pk})."
    ada = page_of(person("ada", "admin"))
    for typed, words in (("z", several), ("nobody", "No customer is called “nobody”."), ("99999", "99999")):
        fields = {"username": "jan", "role": "customer-user", "customer": typed}
        answer = ada.post("/en/access/people/new/", fields)
        assert answer.status_code == 422, typed
        assert words in text(answer)
        assert f'value="{typed}"' in text(answer), "what was typed is kept"
    assert not Person.objects.filter(username="jan").exists()


def test_a_browser_does_not_get_every_name(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "MOST_TO_LIST", 1)
    monkeypatch.setattr(choosing, "MOST_TO_SUGGEST", 1)
    body = text(page_of(person("ada", "admin")).get("/en/webhooks/add/"))
    assert '<input type="text" name="customer"' in body
    assert "datalist" not in body
    assert "Empty means: “Of every customer (operator)”." in body
