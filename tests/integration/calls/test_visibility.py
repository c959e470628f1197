"""Who sees which calls."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from kiestoon.portal.calls.models import Call
from kiestoon.portal.people.models import Person

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def call(call_id: str, **changes: Any) -> Call:
    empty: dict[str, Any] = {"sip_call_ids": [], "stages": [], "anomalies": [], "events": []}
    values = {"direction": "outgoing", "dialled": "x", "verified": True, "talk_ms": 0, "customer_id": 1}
    return Call.objects.create(
        call_id=call_id, started_at=NOW, updated_at=NOW, **{**empty, **values, **changes}
    )


@pytest.mark.django_db
def test_customers_see_their_own_calls_and_none_to_helplines_or_112() -> None:
    call("mine")
    call("to-me", customer_id=2, called_customer_id=1)
    call("helpline", emergency_class="remote", to_number="106")
    call("emergency", emergency_class="on-site", to_number="112")
    call("theirs", customer_id=2)
    call("nobody's", customer_id=None)

    def seen(role: str, customer_id: int | None) -> set[str]:
        person = Person(username=role, role=role, customer_id=customer_id)
        return set(Call.objects.visible_to(person).values_list("call_id", flat=True))

    everything = {"mine", "to-me", "helpline", "emergency", "theirs", "nobody's"}
    for role in ("support", "network", "compliance", "finance", "admin"):
        assert seen(role, None) == everything
    for role in ("customer-admin", "customer-user"):
        assert seen(role, 1) == {"mine", "to-me"}
        assert seen(role, None) == set()
    # A role that does not fit a customer's person gives no more than the customer's calls.
    assert seen("admin", 2) == {"to-me", "theirs"}


@pytest.mark.django_db
def test_a_number_is_found_in_any_part() -> None:
    call("from", from_number="+3238080101")
    call("to", to_number="+3238080101")
    call("by", forwarded_from="+3238080101")
    call("other", from_number="+3238080102")
    found = Call.objects.all().with_number("+3238080101").values_list("call_id", flat=True)
    assert set(found) == {"from", "to", "by"}
