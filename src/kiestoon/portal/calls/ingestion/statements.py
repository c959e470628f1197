"""The SQL of ingestion. Rows travel as one JSON parameter: one statement and one parse per batch."""

from __future__ import annotations

_MS = "timestamptz 'epoch' + r.{0} * interval '1 millisecond'"

_DECIDED = {
    "from_number": "text",
    "dialled": "text",
    "cli": "text",
    "customer_id": "bigint",
    "called_customer_id": "bigint",
    "calling_customer_id": "bigint",
    "withheld": "boolean",
    "username": "text",
    "source": "text",
    "user_agent": "text",
    "verified": "boolean",
    "trunk_in_id": "text",
    "started_at": "ms",
    "emergency_class": "text",
}
"""Columns that come from the attempt alone: type of each; `ms` is UTC ms, kept as timestamptz."""
_HAPPENED = {
    "call_id": "text",
    "direction": "text",
    "to_number": "text",
    "trunk_id": "text",
    "trunk_name": "text",
    "answered_at": "ms",
    "ended_at": "ms",
    "talk_ms": "bigint",
    "sip_code": "smallint",
    "hung_up_by": "text",
    "closed_by": "text",
    "forwarded_from": "text",
    "sip_call_ids": "jsonb",
    "codec": "text",
    "loss": "float8",
    "jitter_ms": "float8",
    "mos": "float8",
    "packets": "bigint",
    "anchored": "boolean",
    "stages": "jsonb",
    "anomalies": "jsonb",
    "events": "jsonb",
}
"""Columns that change while the call goes on."""
_CALL = _HAPPENED | _DECIDED
DECIDED = tuple(_DECIDED)


def _records(columns: dict[str, str]) -> str:
    types = ", ".join(f"{name} {'bigint' if kind == 'ms' else kind}" for name, kind in columns.items())
    return f"json_to_recordset(%s) AS r({types})"


def _values(columns: dict[str, str]) -> str:
    return ", ".join(_MS.format(name) if kind == "ms" else f"r.{name}" for name, kind in columns.items())


UPSERT_CALLS = (
    f"INSERT INTO calls_call ({', '.join(_CALL)}, updated_at) "
    f"SELECT {_values(_CALL)}, now() FROM {_records(_CALL)} "
    "ON CONFLICT (call_id) DO UPDATE SET "
    + ", ".join(f"{name} = EXCLUDED.{name}" for name in (*_CALL, "updated_at") if name != "call_id")
)

_CHANGED = [name for name in _HAPPENED if name not in ("call_id", "events")]
UPDATE_CALLS = (
    "UPDATE calls_call AS c SET "
    + ", ".join(
        f"{name} = {_MS.format(name) if _HAPPENED[name] == 'ms' else f'r.{name}'}" for name in _CHANGED
    )
    + f", events = c.events || r.events, updated_at = now() FROM {_records(_HAPPENED)} "
    "WHERE c.call_id = r.call_id"
)
"""For calls whose attempt is there already; `events` are the new ones only."""

EVENTS_OF = (
    "SELECT call_id, events, answered_at IS NOT NULL, round(extract(epoch FROM ended_at) * 1000)::bigint, "
    "talk_ms, coalesce(sip_code, 0) FROM calls_call WHERE call_id = ANY(%s)"
)

ANY_WEBHOOK = "SELECT EXISTS (SELECT FROM webhooks_endpoint WHERE active)"
_EVENT = {
    "kind": "text",
    "call_id": "text",
    "customer_id": "bigint",
    "called_customer_id": "bigint",
    "happened_at": "ms",
}
INSERT_EVENTS = (
    f"INSERT INTO webhooks_event ({', '.join(_EVENT)}) SELECT {_values(_EVENT)} FROM {_records(_EVENT)} "
    "WHERE EXISTS (SELECT FROM webhooks_endpoint e WHERE e.active AND r.kind = ANY(e.events::text[]) "
    "AND (e.customer_id IS NULL OR e.customer_id IN (r.customer_id, r.called_customer_id)))"
)
WAKE_WEBHOOKS = (
    "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('webhooks', 'webhooks.spread', 0, NULL, NULL, '{}', NULL)"
    "::procrastinate_job_to_defer_v1])"
)

_EMERGENCY = {"call_id": "text", "begun_at": "ms"}
INSERT_EMERGENCIES = (
    f"INSERT INTO emergency_log_begun ({', '.join(_EMERGENCY)}) SELECT {_values(_EMERGENCY)} "
    f"FROM {_records(_EMERGENCY)} ON CONFLICT DO NOTHING"
)
WAKE_EMERGENCIES = (
    "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('webhooks', 'emergency_log.tell', 100, NULL, NULL, '{}', "
    "NULL)::procrastinate_job_to_defer_v1])"
)
"""Before everything else in that queue."""

_SEGMENT = {"name": "text", "before": "bigint", "after": "bigint", "finished": "boolean"}
CLAIM_SEGMENTS = (
    f"WITH r AS (SELECT * FROM {_records(_SEGMENT)}), made AS ("
    "INSERT INTO calls_segment (name, read_to, finished_at) "
    "SELECT name, after, CASE WHEN finished THEN now() END FROM r WHERE before = %s "
    "ON CONFLICT DO NOTHING RETURNING name), moved AS ("
    "UPDATE calls_segment s SET read_to = r.after, finished_at = CASE WHEN r.finished THEN now() END "
    "FROM r WHERE s.name = r.name AND s.read_to = r.before AND s.finished_at IS NULL RETURNING s.name) "
    "SELECT name FROM made UNION SELECT name FROM moved"
)
"""Rows come back only for segments that nobody else has moved on or finished."""

OFFSETS = "SELECT name, read_to, finished_at IS NOT NULL FROM calls_segment"
FORGET_SEGMENTS = (
    "DELETE FROM calls_segment WHERE finished_at < now() - interval '7 days' AND name <> ALL(%s)"
)

_REFUSAL = {
    "hour": "ms",
    "username": "text",
    "source": "text",
    "result": "text",
    "why": "text",
    "user_agent": "text",
    "first_at": "ms",
    "last_at": "ms",
    "count": "bigint",
}
_SECURITY = {
    "minute": "ms",
    "source": "text",
    "what": "text",
    "username": "text",
    "first_at": "ms",
    "last_at": "ms",
    "count": "bigint",
}
_COUNTED = (
    "count = t.count + EXCLUDED.count, first_at = least(t.first_at, EXCLUDED.first_at), "
    "last_at = greatest(t.last_at, EXCLUDED.last_at)"
)
UPSERT_REFUSALS = (
    f"INSERT INTO calls_refusal AS t ({', '.join(_REFUSAL)}) SELECT {_values(_REFUSAL)} "
    f"FROM {_records(_REFUSAL)} ON CONFLICT (hour, username, source, result) DO UPDATE SET {_COUNTED}, "
    "why = EXCLUDED.why, user_agent = EXCLUDED.user_agent"
)
UPSERT_SECURITY = (
    f"INSERT INTO calls_securityevent AS t ({', '.join(_SECURITY)}) SELECT {_values(_SECURITY)} "
    f"FROM {_records(_SECURITY)} ON CONFLICT (minute, source, what, username) DO UPDATE SET {_COUNTED}"
)

_SEEN = {
    "username": "text",
    "instance": "text",
    "address": "text",
    "prefix": "text",
    "asn": "bigint",
    "network_country": "text",
    "user_agent": "text",
    "state": "text",
    "at": "ms",
}
_SEEN_NOW = ("address", "prefix", "asn", "network_country", "user_agent", "state")
_AT = _MS.format("at")
UPSERT_DEVICES = (
    f"INSERT INTO emergency_device AS t (customer_id, user_id, instance, {', '.join(_SEEN_NOW)}, first_seen, "
    f"last_seen, moved_at) SELECT u.customer_id, u.id, r.instance, "
    f"{', '.join(f'r.{name}' for name in _SEEN_NOW)}, {_AT}, {_AT}, {_AT} FROM {_records(_SEEN)} "
    "JOIN phones_telephoneuser u ON u.username = r.username ON CONFLICT (user_id, instance) DO UPDATE SET "
    + ", ".join(f"{name} = EXCLUDED.{name}" for name in (*_SEEN_NOW, "last_seen"))
    + ", judged_at = NULL, moved_at = CASE WHEN (t.prefix, t.asn, t.network_country) = "
    "(EXCLUDED.prefix, EXCLUDED.asn, EXCLUDED.network_country) THEN t.moved_at ELSE EXCLUDED.moved_at END "
    "WHERE EXCLUDED.last_seen >= t.last_seen"
)
"""Where nomadic devices registered from; of a user who is gone, nothing is kept."""

_GAP = {
    "segment": "text",
    "kind": "text",
    "attempts": "bigint",
    "at_byte": "bigint",
    "bytes": "bigint",
    "since": "ms",
    "until": "ms",
}
INSERT_GAPS = (
    f"INSERT INTO calls_gap ({', '.join(_GAP)}, recorded_at) SELECT {_values(_GAP)}, now() "
    f"FROM {_records(_GAP)} ON CONFLICT DO NOTHING"
)
INSERT_UNREADABLE = (
    "INSERT INTO calls_unreadable (segment, event, error, recorded_at) VALUES (%s, %s, %s, now())"
)

OPEN_CALLS = (
    "SELECT call_id, sip_call_ids, answered_at IS NOT NULL, anchored, emergency_class, alive_at, events, "
    "started_at FROM calls_call WHERE ended_at IS NULL AND started_at < now() - %s * interval '1 second' "
    "ORDER BY started_at LIMIT 5000"
)
STILL_ALIVE = "UPDATE calls_call SET alive_at = now() WHERE call_id = ANY(%s) AND ended_at IS NULL"
