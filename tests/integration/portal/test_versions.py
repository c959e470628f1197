"""Two people change one thing: the second is told, keeps what they entered, and overwrites only knowingly."""

from __future__ import annotations

from pathlib import Path

import pytest
from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from ninja.errors import HttpError

from kiestoon.portal.pages.forms import VersionedForm
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.portal.phones.services import change_user
from kiestoon.portal.versions import Version, give_etag, need_match, version_of
from tests.integration.portal.conftest import World, make_world

pytestmark = pytest.mark.django_db


class NameForm(VersionedForm):
    name = forms.CharField(label="Name")
    nomadic = forms.BooleanField(label="Nomadic", required=False)


@pytest.fixture
def world(store: Path) -> World:
    return make_world()


def seen(user: TelephoneUser) -> Version:
    user.refresh_from_db()
    return version_of(user, *user.forwardings.all(), user_id=user.pk)


def sent(user: TelephoneUser, **fields: str) -> NameForm:
    """What a browser sends back, read against what the row says now."""
    version = seen(user)
    data = QueryDict(mutable=True)
    data.update(fields)
    initial = {"name": user.name, "nomadic": user.nomadic}
    return NameForm(data, initial=initial, version=version)


def test_nobody_else_changed_it(world: World) -> None:
    form = sent(world.anna, version=seen(world.anna).tag, name="Annie")
    assert form.is_valid()
    assert form.cleaned_data == {"name": "Annie", "nomadic": False}


def test_a_colleague_was_first(world: World) -> None:
    """What was entered stays, what is there now is said, and sending it again is a choice."""
    before = seen(world.anna)
    change_user(world.anna, name="Ann", nomadic=True)
    form = sent(world.anna, version=before.tag, name="Annie")
    assert not form.is_valid()
    assert "changed" in form.non_field_errors()[0]
    assert form.errors["name"] == ["It now says: Ann."]
    assert form.errors["nomadic"] == ["It now says: Yes."]
    page = form.as_p()
    assert 'value="Annie"' in page
    again = sent(world.anna, version=seen(world.anna).tag, name="Annie", nomadic="on")
    assert f'value="{seen(world.anna).tag}"' in page
    assert again.is_valid()


def test_a_form_without_its_version_changes_nothing(world: World) -> None:
    assert not sent(world.anna, name="Annie").is_valid()


def test_what_belongs_to_a_thing_is_part_of_its_version(world: World) -> None:
    before = seen(world.anna)
    assert seen(world.anna) == before
    change_user(world.anna, forwarding=[("always", "202")])
    assert seen(world.anna).tag != before.tag


def test_a_program_sends_back_the_version_it_read(world: World) -> None:
    response, request = HttpResponse(), HttpRequest()
    give_etag(response, seen(world.anna))
    for header in (None, "*", response["ETag"], f'"other", {response["ETag"]}'):
        request.META = {} if header is None else {"HTTP_IF_MATCH": header}
        vars(request).pop("headers", None)
        need_match(request, seen(world.anna))
    change_user(world.anna, name="Ann")
    request.META = {"HTTP_IF_MATCH": response["ETag"]}
    vars(request).pop("headers", None)
    with pytest.raises(HttpError) as refused:
        need_match(request, seen(world.anna))
    assert refused.value.status_code == 412
