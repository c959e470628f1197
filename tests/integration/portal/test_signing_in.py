"""Signing in: a password, a second factor, who must have one, who guesses, who forgot, who walked away."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import get_resolver
from pytest_django import Settings

from kiestoon.portal.identity.middleware import BEGAN, SEEN
from kiestoon.portal.identity.models import Attempt, OneTimeCode
from kiestoon.portal.identity.services import (
    choose_password,
    give_authenticator_app,
    give_one_time_code,
    remember_sign_in,
)
from kiestoon.portal.people.models import Person
from kiestoon.portal.people.services import create_person
from tests.integration.portal.conftest import World, make_world
from tests.totp import app_shows

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORD = "correct horse battery"
SIGN_IN, SECOND_STEP, ACCOUNT = "/en/sign-in/", "/en/sign-in/second-step/", "/en/account/"


@pytest.fixture(autouse=True)
def _operators_need_a_factor(settings: Settings, _password_is_enough: None) -> None:
    settings.SECOND_FACTOR_ROLES = ("support", "network", "compliance", "finance", "admin")


@pytest.fixture
def world(store: object) -> World:
    return make_world()


@pytest.fixture
def els(db: None) -> Person:
    """Of support, with an authenticator app."""
    person = create_person("els", PASSWORD, "support")
    give_authenticator_app(person, SECRET)
    return person


def enter(client: Client, username: str, password: str, **more: Any) -> Any:
    return client.post(SIGN_IN, {"username": username, "password": password}, **more)


def signed_in(person: Person, steps_ahead: int = 0) -> Client:
    """Through both forms."""
    client = Client()
    enter(client, person.username, PASSWORD)
    client.post(SECOND_STEP, {"code": app_shows(SECRET, steps_ahead=steps_ahead)})
    assert client.get(ACCOUNT).status_code == 200
    return client


def text(answer: Any) -> str:
    body: str = answer.content.decode()
    return body


def test_a_password_and_then_the_code_of_the_app(els: Person) -> None:
    client = Client()
    assert enter(client, "els", PASSWORD)["Location"] == SECOND_STEP
    assert client.get(ACCOUNT)["Location"].startswith(SIGN_IN)
    answer = client.post(SECOND_STEP, {"code": app_shows(SECRET)})
    assert answer["Location"] == "/en/"
    assert client.get(ACCOUNT).status_code == 200


def test_a_code_is_good_once(els: Person) -> None:
    """RFC 6238, section 5.2: also when somebody reads it over the shoulder."""
    code = app_shows(SECRET)
    first, second = Client(), Client()
    for client in (first, second):
        enter(client, "els", PASSWORD)
    assert first.post(SECOND_STEP, {"code": code}).status_code == 302
    answer = second.post(SECOND_STEP, {"code": code})
    assert answer.status_code == 422
    assert "The code is not right" in text(answer)
    assert second.get(ACCOUNT).status_code == 302


def test_a_wrong_code_signs_nobody_in(els: Person) -> None:
    client = Client()
    enter(client, "els", PASSWORD)
    for code in ("000000", "", "12345", "nonsense"):
        assert client.post(SECOND_STEP, {"code": code}).status_code == 422
    assert client.get(ACCOUNT).status_code == 302


def test_the_code_page_needs_a_password_first(els: Person) -> None:
    client = Client()
    assert client.get(SECOND_STEP)["Location"] == SIGN_IN
    assert client.post(SECOND_STEP, {"code": app_shows(SECRET)})["Location"] == SIGN_IN
    assert client.get(ACCOUNT).status_code == 302


def test_a_recovery_code_works_once(els: Person) -> None:
    code = RecoveryCodes.activate(els).get_unused_codes()[0]
    client = Client()
    enter(client, "els", PASSWORD)
    assert client.post(SECOND_STEP, {"code": code}).status_code == 302
    again = Client()
    enter(again, "els", PASSWORD)
    assert again.post(SECOND_STEP, {"code": code}).status_code == 422


def test_an_operator_without_a_factor_sets_one_up_before_anything_else(world: World) -> None:
    create_person("new", PASSWORD, "support")
    client = Client()
    assert enter(client, "new", PASSWORD)["Location"] == "/en/"
    for path in ("/en/", "/en/calls/", "/en/users/", ACCOUNT):
        assert client.get(path)["Location"] == "/en/account/second-factor/", path
    assert "An authenticator app" in text(client.get("/en/account/second-factor/"))
    page = text(client.get("/en/account/app/"))
    found = re.search(r'class="k-secret">([A-Z2-7]{32})<', page)
    assert found is not None
    assert client.post("/en/account/app/", {"code": "000000"}).status_code == 422
    answer = client.post("/en/account/app/", {"code": app_shows(found[1])})
    assert answer["Location"] == "/en/account/recovery-codes/"
    codes = re.findall(r'class="k-secret">(\d{8})<', text(client.get("/en/account/recovery-codes/")))
    assert len(set(codes)) == 10
    assert re.findall(r"\d{8}<", text(client.get("/en/account/recovery-codes/"))) == []
    assert client.get("/en/calls/").status_code == 200


def test_a_customer_may_do_without(world: World) -> None:
    create_person("eva", PASSWORD, "customer-admin", world.zon)
    client = Client()
    assert enter(client, "eva", PASSWORD)["Location"] == "/en/"
    assert client.get("/en/calls/").status_code == 200


def test_the_last_factor_of_an_operator_stays(els: Person) -> None:
    client = signed_in(els)
    answer = client.post("/en/account/app/remove/")
    assert answer.status_code == 422
    assert "Your role needs a second factor" in text(answer)
    assert Authenticator.objects.filter(user=els, type="totp").exists()


def test_a_customer_removes_the_app(world: World) -> None:
    eva = create_person("eva", PASSWORD, "customer-admin", world.zon)
    give_authenticator_app(eva, SECRET)
    client = signed_in(eva)
    assert client.post("/en/account/app/remove/")["Location"] == ACCOUNT
    assert not Authenticator.objects.filter(user=eva).exists()


def test_later_it_is_asked_again_who_it_is(els: Person) -> None:
    """Five minutes after signing in a factor is changed only by who knows the password."""
    client = signed_in(els)
    session = client.session
    records = session["account_authentication_methods"]
    session["account_authentication_methods"] = [{**one, "at": one["at"] - 400} for one in records]
    session.save()
    asked = client.get("/en/account/passkeys/new/")
    assert asked["Location"].startswith("/en/account/confirm/?next=")
    assert client.post(asked["Location"], {"password": "wrong"}).status_code == 422
    assert client.post(asked["Location"], {"password": PASSWORD})["Location"] == "/en/account/passkeys/new/"
    assert client.get("/en/account/passkeys/new/").status_code == 200


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Wait 30 seconds"), ("nl", "Wacht 30 seconden"), ("fr", "30 secondes"), ("de", "30 Sekunden")],
)
def test_guessing_is_slowed_in_clear_words(els: Person, language: str, words: str) -> None:
    client = Client()
    for _ in range(5):
        assert "is not right" in text(enter(client, "ELS", "wrong"))
    answer = client.post(f"/{language}/sign-in/", {"username": "els", "password": PASSWORD})
    assert answer.status_code == 422
    assert words in text(answer)
    assert Attempt.objects.count() == 5, "a refused try is not counted"


def test_whether_a_name_exists_is_not_told(els: Person) -> None:
    answers = []
    for name in ("els", "nobody"):
        client = Client()
        bodies = [text(enter(client, name, "wrong", REMOTE_ADDR=f"192.0.2.{len(name)}")) for _ in range(6)]
        answers.append(
            [re.sub(r'value="[^"]*"|"csrf[^"]*":"[^"]*"|\d+ seconds', "", body) for body in bodies]
        )
    hide = re.compile(r"hx-headers\S+")
    assert [hide.sub("", one) for one in answers[0]] == [hide.sub("", one) for one in answers[1]]


def test_who_guesses_from_elsewhere_does_not_lock_the_owner_out(els: Person) -> None:
    remember_sign_in(els, "192.0.2.1")
    now = datetime.now(UTC)
    account = Attempt.objects.get().account
    Attempt.objects.bulk_create(
        Attempt(account=account, address=f"198.51.100.{n}", at=now - timedelta(seconds=1)) for n in range(200)
    )
    assert enter(Client(), "els", PASSWORD, REMOTE_ADDR="192.0.2.1")["Location"] == SECOND_STEP
    stranger = enter(Client(), "els", PASSWORD, REMOTE_ADDR="203.0.113.1")
    assert "There were too many wrong attempts" in text(stranger)


def test_codes_are_not_guessed_either(els: Person) -> None:
    client = Client()
    enter(client, "els", PASSWORD)
    for _ in range(5):
        client.post(SECOND_STEP, {"code": "000000"})
    answer = client.post(SECOND_STEP, {"code": app_shows(SECRET)})
    assert answer.status_code == 422
    assert "There were too many wrong attempts" in text(answer)


def test_a_password_is_chosen_with_a_one_time_code(world: World) -> None:
    eva = create_person("eva", PASSWORD, "customer-admin", world.zon)
    left_open = Client()
    enter(left_open, "eva", PASSWORD)
    code = give_one_time_code(eva)
    assert left_open.get(ACCOUNT).status_code == 302, "the old sessions end"
    assert enter(Client(), "eva", PASSWORD).status_code == 422, "the old password ends"
    page, fields = "/en/sign-in/one-time-code/", {"username": "eva", "code": code.lower().replace("-", " ")}
    for password, again, words in (
        ("short", "short", "too short"),
        ("1qaz2wsx3edc", "1qaz2wsx3edc", "too common"),
        ("4711471147114711", "4711471147114711", "entirely numeric"),
        (PASSWORD, "another", "differ"),
    ):
        answer = Client().post(page, {**fields, "password": password, "again": again})
        assert answer.status_code == 422
        assert words in text(answer)
    wrong = Client().post(page, {**fields, "code": "AAAAA", "password": PASSWORD, "again": PASSWORD})
    assert "not right" in text(wrong)
    fields |= {"password": "staple of correct horses", "again": "staple of correct horses"}
    answer = Client().post(page, fields)
    assert answer.status_code == 302, text(answer)
    assert answer["Location"] == SIGN_IN
    assert enter(Client(), "eva", "staple of correct horses")["Location"] == "/en/"
    assert Client().post(page, fields).status_code == 422, "it works once"


def test_a_one_time_code_grows_old(els: Person) -> None:
    code = give_one_time_code(els)
    OneTimeCode.objects.update(expires_at=datetime.now(UTC))
    with pytest.raises(ValidationError, match="too old"):
        choose_password("els", code, "staple of correct horses", "192.0.2.1")


def test_only_a_hash_of_the_code_is_kept(els: Person) -> None:
    code = give_one_time_code(els)
    kept = repr(vars(OneTimeCode.objects.get()))
    assert code not in kept
    assert code.replace("-", "") not in kept


def test_changing_the_password_signs_out_everywhere_else(els: Person) -> None:
    here, there = signed_in(els), signed_in(els, steps_ahead=1)
    fields = {"oldpassword": PASSWORD, "password1": "staple of correct horses"}
    wrong = here.post("/en/account/password/", {**fields, "oldpassword": "x", "password2": "y"})
    assert wrong.status_code == 422
    answer = here.post("/en/account/password/", {**fields, "password2": fields["password1"]})
    assert answer["Location"] == ACCOUNT
    assert here.get(ACCOUNT).status_code == 200
    assert there.get(ACCOUNT).status_code == 302


def test_sign_out_everywhere_else(els: Person) -> None:
    here, there = signed_in(els), signed_in(els, steps_ahead=1)
    page = text(here.get(ACCOUNT))
    assert page.count("this browser") == 1
    other = re.findall(r"/en/account/sessions/(\d+)/end/", page)
    assert len(other) == 1
    assert here.post("/en/account/sessions/end-others/")["Location"] == ACCOUNT
    assert here.get(ACCOUNT).status_code == 200
    assert there.get(ACCOUNT).status_code == 302


def test_sign_out_one_other_browser(els: Person, world: World) -> None:
    here, there = signed_in(els), signed_in(els, steps_ahead=1)
    (other,) = re.findall(r"/en/account/sessions/(\d+)/end/", text(here.get(ACCOUNT)))
    create_person("eva", PASSWORD, "customer-admin", world.zon)
    eva = Client()
    enter(eva, "eva", PASSWORD)
    assert eva.post(f"/en/account/sessions/{other}/end/").status_code == 404, "not hers to end"
    assert there.get(ACCOUNT).status_code == 200
    here.post(f"/en/account/sessions/{other}/end/")
    assert there.get(ACCOUNT).status_code == 302
    assert here.get(ACCOUNT).status_code == 200


@pytest.mark.parametrize(("key", "ago"), [(BEGAN, 12 * 3600), (SEEN, 3600)])
def test_an_operator_is_signed_out_after_twelve_hours_or_one_without_use(
    els: Person, key: str, ago: int
) -> None:
    client = signed_in(els)
    for seconds, status in ((ago - 60, 200), (ago + 60, 302)):
        session = client.session
        session[key] = time.time() - seconds
        session.save()
        assert client.get(ACCOUNT).status_code == status
    assert "You were signed out" in text(client.get(SIGN_IN))


def test_a_customer_stays_signed_in_for_days(world: World) -> None:
    create_person("eva", PASSWORD, "customer-admin", world.zon)
    client = Client()
    enter(client, "eva", PASSWORD)
    client.get(ACCOUNT)
    session = client.session
    session[BEGAN] = session[SEEN] = time.time() - 6 * 86400
    session.save()
    assert client.get(ACCOUNT).status_code == 200
    assert client.cookies["sessionid"]["max-age"] == pytest.approx(30 * 86400, abs=60)


def test_somebody_switched_off_is_out_at_once_and_not_told_from_a_wrong_password(els: Person) -> None:
    client = signed_in(els)
    els.is_active = False
    els.save()
    assert client.get(ACCOUNT).status_code == 302
    again = Client()
    answer = again.post(SIGN_IN, {"username": "els", "password": PASSWORD}, follow=True)
    assert "The user name or the password is not right" in text(answer)


def test_the_portal_opens_in_my_language(els: Person) -> None:
    client = signed_in(els)
    assert client.post("/en/account/language/", {"language": "xx"}).status_code == 422
    answer = client.post("/en/account/language/", {"language": "fr"})
    assert answer["Location"] == "/fr/account/"
    again = Client()
    enter(again, "els", PASSWORD)
    code = app_shows(SECRET, steps_ahead=1)
    assert again.post(SECOND_STEP, {"code": code})["Location"] == "/fr/"


def test_after_signing_in_comes_the_page_that_was_asked_for(els: Person) -> None:
    client = Client()
    client.post(f"{SIGN_IN}?next=/en/users/", {"username": "els", "password": PASSWORD, "next": "/en/users/"})
    assert client.post(SECOND_STEP, {"code": app_shows(SECRET)})["Location"] == "/en/users/"
    elsewhere = Client()
    enter_and_next = {"username": "els", "password": PASSWORD, "next": "https://evil.example/"}
    elsewhere.post(SIGN_IN, enter_and_next)
    answer = elsewhere.post(SECOND_STEP, {"code": app_shows(SECRET, steps_ahead=1)})
    assert answer["Location"] == "/en/"


def test_a_made_up_passkey_signs_nobody_in(els: Person) -> None:
    client = Client()
    options = client.get("/en/sign-in/passkey/", headers={"Accept": "application/json"}).json()
    assert options["request_options"]["publicKey"]["userVerification"] == "required"
    for credential in ("{}", "null", "[]", "x", '{"id": "a", "response": {"userHandle": "MQ"}}'):
        answer = client.post("/en/sign-in/passkey/", {"credential": credential})
        assert answer["Location"] == SIGN_IN, credential
    assert client.get(ACCOUNT).status_code == 302


def test_nobody_signs_up_and_nothing_mails(client: Client) -> None:
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert not {name for name in names if "signup" in name or "email" in name or "social" in name}
    for path in ("/en/sign-up/", "/accounts/signup/", "/en/account/email/", "/en/accounts/login/"):
        assert client.get(path).status_code == 404


def test_cookies_travel_over_tls_only_except_to_localhost(tmp_path: Any) -> None:
    """Secure, HttpOnly, SameSite; a passkey of any origin is taken on http://localhost alone."""
    assert (django_settings.SESSION_COOKIE_SECURE, django_settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN) == (
        False,
        True,
    )
    ask = (
        "from kiestoon.portal import settings as s; "
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, "
        "s.CSRF_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE, s.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN, "
        "'portal.example' in s.ALLOWED_HOSTS)"
    )
    for url, expected in (
        ("https://portal.example", "True True True True Lax False True"),
        ("http://portal.example", "True True True True Lax False True"),
        ("http://localhost:8000", "False False True True Lax True False"),
    ):
        environment = {"KIESTOON_PORTAL_URL": url, "KIESTOON_STATE": str(tmp_path), "PYTHONPATH": "src"}
        said = subprocess.run(
            [sys.executable, "-c", ask], env=environment, capture_output=True, text=True, check=True
        )
        assert said.stdout.strip() == expected


def test_pages_of_signing_in_run_no_script_of_their_own(els: Person) -> None:
    """What allauth's scripts read is data in the page; the policy forbids everything else."""
    client = signed_in(els)
    pages = [Client().get(SIGN_IN), client.get("/en/account/passkeys/new/"), client.get(ACCOUNT)]
    for page in pages:
        assert "script-src 'self'" in page["Content-Security-Policy"]
        for attributes, content in re.findall(r"<script([^>]*)>(.*?)</script>", text(page), re.S):
            assert 'type="application/json"' in attributes or ("src=" in attributes and not content.strip())
        assert not re.search(r"\son\w+=|javascript:|style=", text(page))
