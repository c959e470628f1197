"""What people are told about emergency calls: before they begin, and four times a year."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta

import pytest

from kiestoon.duties.emergency_notice import due_at, is_time_to_send, may_activate
from kiestoon.portal.notices.texts import FOLDER, LANGUAGES, notice_in_force, notices

PUBLISHED = {1: "b44ef6e80a073e14"}


def test_no_accepted_notice_no_active_number() -> None:
    assert not may_activate(1, set())
    assert not may_activate(2, {1})
    assert may_activate(2, {1, 2})


def test_a_nomadic_user_hears_at_least_four_times_in_any_year() -> None:
    signed = datetime(2026, 1, 1, tzinfo=UTC)
    told, last = [], signed
    while last < signed + timedelta(days=365):
        last = due_at(last)
        told.append(last)
    assert len([at for at in told if at <= signed + timedelta(days=365)]) == 4
    assert is_time_to_send(signed, due_at(signed))
    assert is_time_to_send(signed, due_at(signed) - timedelta(days=7))
    assert not is_time_to_send(signed, due_at(signed) - timedelta(days=8))


def test_a_published_version_is_never_changed() -> None:
    """Acceptances name a version: its words are what was accepted. Add a new file instead."""
    found = {one.version: hashlib.sha256(_words(one.version)).hexdigest()[:16] for one in notices()}
    assert found == PUBLISHED
    assert [one.version for one in notices()] == list(range(1, len(notices()) + 1))
    assert [one.since for one in notices()] == sorted(one.since for one in notices())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_as_much(language: str) -> None:
    for notice in notices():
        text = notice.texts[language]
        assert len(text.points) == len(notice.texts["en"].points)
        assert all((text.title, text.lead, text.close, *text.points))
        assert "112" in text.lead
        assert len({one.sha256 for one in notice.texts.values()}) == len(LANGUAGES)


def test_a_version_is_in_force_from_its_first_belgian_day() -> None:
    first = notices()[0]
    assert notice_in_force(datetime(2000, 1, 1, tzinfo=UTC)) is first
    last = notices()[-1]
    midnight = datetime(last.since.year, last.since.month, last.since.day, tzinfo=UTC) - timedelta(hours=1)
    assert notice_in_force(midnight) is last
    assert first.since >= date(2026, 1, 1)


def _words(version: int) -> bytes:
    return (FOLDER / f"{version}.toml").read_bytes()
