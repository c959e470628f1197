"""Addresses are spoken when they are published, once each, and forgotten when nobody is there any more."""

from __future__ import annotations

from pathlib import Path

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from kiestoon.adapters.speech import CannotSpeak
from kiestoon.adapters.speech_fake import FakeSpeech
from kiestoon.domain.emergency.spoken import FOLDER, address_file, addresses_of
from kiestoon.portal.customers.civic import NewAddress
from kiestoon.portal.customers.services import change_address, change_customer
from kiestoon.portal.publication.compilation import compile_customers
from kiestoon.portal.publication.speaking import forget_addresses, speak_addresses
from kiestoon.portal.publication.tasks import publish_changes
from tests.integration.portal.conftest import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def state(settings: Settings, store: Path) -> Path:
    settings.STATE = store.parent.parent
    return store.parent.parent


@pytest.fixture
def world(state: Path) -> World:
    return make_world()


def spoken(state: Path) -> set[str]:
    return {path.name for path in (state / FOLDER).glob("*.alaw")}


def wanted(world: World) -> set[str]:
    return {
        Path(address_file(address, customer.language)).name
        for customer in compile_customers([world.zon.pk, world.lambert.pk])
        for address in addresses_of(customer)
    }


def test_a_publication_has_the_addresses_spoken(world: World) -> None:
    publish_changes()
    jobs = ProcrastinateJob.objects.filter(task_name="publication.speak_addresses")
    before = jobs.count()
    job = jobs.latest("id")
    assert job.args == {"customer_ids": sorted([world.zon.pk, world.lambert.pk])}
    publish_changes()
    assert jobs.count() == before


def test_each_address_is_spoken_once_in_its_customers_language(world: World, state: Path) -> None:
    speech = FakeSpeech()
    everybody = [world.zon.pk, world.lambert.pk]
    assert speak_addresses(everybody, speech.speak) == 2
    assert spoken(state) == wanted(world)
    assert {(text, language) for text, language, _ in speech.said} == {
        ("Meir 1, 2000 Antwerpen.", "nl"),
        ("Rue de Fer 10, 5000 Namur.", "fr"),
    }
    assert speak_addresses(everybody, speech.speak) == 0


def test_a_changed_address_is_spoken_anew_and_the_old_one_forgotten(world: World, state: Path) -> None:
    speech = FakeSpeech()
    speak_addresses([world.zon.pk, world.lambert.pk], speech.speak)
    assert world.zon.address
    change_address(world.zon.address, NewAddress("Meir", "3", "2000", "Antwerpen"))
    change_customer(world.lambert, language="de")
    assert speak_addresses([world.zon.pk, world.lambert.pk], speech.speak) == 2
    assert len(spoken(state)) == 4
    assert forget_addresses() == 2
    assert spoken(state) == wanted(world)
    assert forget_addresses() == 0


def test_an_address_that_cannot_be_spoken_keeps_no_other_from_it(world: World, state: Path) -> None:
    speech = FakeSpeech()

    def broken(text: str, language: str, path: Path) -> None:
        if language == "nl":
            raise CannotSpeak("no")
        speech.speak(text, language, path)

    assert speak_addresses([world.zon.pk, world.lambert.pk], broken) == 1
    assert len(spoken(state)) == 1
