"""The question and the answer of routing: a call attempt, and the route with its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from kiestoon.belgium.emergency_numbers import EmergencyClass
from kiestoon.vocabulary.address import CivicAddress
from kiestoon.vocabulary.emergency import LocationState

Outcome = Literal["route", "reject", "attendant"]
Direction = Literal["internal", "outgoing", "incoming", "forwarded"]


@dataclass(frozen=True, slots=True)
class CallAttempt:
    """An initial INVITE, before any decision.

    `username` is the SIP user that authenticated (or, when not `verified`, the one claimed);
    `trunk_id` the trunk the call came in by; never both.
    """

    dialled: str
    """User part of the Request-URI as sent, or the whole URI when it is a URN."""
    username: str | None = None
    trunk_id: str | None = None
    verified: bool = True
    presented: str = ""
    """Identity the caller presents (P-Asserted-Identity, P-Preferred-Identity or From user part)."""
    anonymous: bool = False
    """Privacy asked for this call (RFC 3323), or no identity presented by a trunk."""
    forwarded_by: str | None = None
    """User part of who forwarded the call to us (Diversion RFC 5806, History-Info RFC 7044); "" unknown."""
    helped: str | None = None
    """Who called 112 lately showing the number that is dialled now: "user:NAME" or "trunk:ID"."""
    source: str = ""
    """IP address the INVITE came from; "" when it is not known."""
    instance: str = ""
    """+sip.instance (RFC 5626) of the calling device, when it is known."""
    drill: str = ""
    """Of a test call: id of the one emergency trunk to try; "" for the usual order."""
    well_formed: bool = True
    """A carrier's identity is in international form (ITU-T E.157): + and country code, or absent."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of a decision; `duty` names the duty when the law decided."""

    step: str
    result: str
    why: str
    duty: str | None = None

    def as_dict(self) -> dict[str, str]:
        row = {"step": self.step, "result": self.result, "why": self.why}
        if self.duty:
            row["duty"] = self.duty
        return row


@dataclass(frozen=True, slots=True)
class Announcement:
    """What the attendant says to a caller; `domain.callflow.script` has what each name stands for."""

    name: str
    """Key of what is said: "number-unreachable", "location-unknown", "address-read-back"."""
    language: str
    """nl, fr, de or en."""
    early: bool = True
    """Before an answer (183 with SDP), then the decision's final code: the caller is not charged. False: the
    call is answered and, when all is said, hung up."""
    text_file: str = ""
    """A spoken file below the state directory, for what is different for each caller; "" for none."""


@dataclass(frozen=True, slots=True)
class Target:
    """One place to send the INVITE: the devices of a user, a trunk, or the attendant.

    `request_user` is the user part (with RFC 4694 parameters) asked of a trunk; for a user it is the
    address-of-record, for the attendant the announcement's name.
    """

    kind: Literal["user", "trunk", "attendant"]
    id: str
    name: str
    uri: str
    request_user: str
    cli: str | None
    anonymous: bool = False
    srtp: str = "auto"
    max_calls: int = 0
    reserved_calls: int = 0
    """Of a trunk: calls at a time (0: no limit), and how many of them only emergency calls may take."""


@dataclass(frozen=True, slots=True)
class Diversion:
    """One forwarding in a call's past: the E.164 number that forwarded, and why."""

    number: str
    condition: str


@dataclass(frozen=True, slots=True)
class Stage:
    """Targets that ring together, and the stage that follows when they don't answer.

    `failed` follows a target that cannot take calls (no reply, 5xx): the next carrier or path.
    """

    targets: tuple[Target, ...]
    ring_seconds: int = 0
    """0: as long as the transaction's own limit."""
    because: str = "routed"
    diversions: tuple[Diversion, ...] = ()
    """Forwardings that led here, the latest first; sent as Diversion (RFC 5806)."""
    to: str | None = None
    emergency: bool = False
    announcement: Announcement | None = None
    """Of a stage whose target is the attendant."""
    refusal: tuple[int, str] = (480, "Temporarily Unavailable")
    """SIP code and reason the caller gets after an early announcement, or when the attendant is not there."""
    failed: Stage | None = None
    busy: Stage | None = None
    no_answer: Stage | None = None
    unreachable: Stage | None = None

    @property
    def forwarded_from(self) -> str | None:
        """E.164 of the number that forwarded the call to this stage."""
        return self.diversions[0].number if self.diversions else None


@dataclass(frozen=True, slots=True)
class RouteDecision:
    """A route with its reasons.

    `sip_code` and `sip_reason` when `outcome` is reject, or attendant: what an announced call ends with when
    the announcement is early, and at once when the attendant cannot be reached.
    """

    outcome: Outcome
    reasons: tuple[Reason, ...]
    direction: Direction
    stage: Stage | None = None
    sip_code: int | None = None
    sip_reason: str = ""
    emergency_class: EmergencyClass | None = None
    from_number: str | None = None
    to_number: str | None = None
    customer_id: int | None = None
    called_customer_id: int | None = None
    """The customer reached when the call is to a number or user of ours."""
    calling_customer_id: int | None = None
    """The customer who calls; None when the caller is no customer of ours."""
    withheld: bool = False
    """The called side never learns the number, by whatever way it is reached (WEC art. 130)."""
    caller_name: str = ""
    caller_organisation: str = ""
    """The customer's name, when the caller is one of its users."""
    location: CivicAddress | None = None
    test: bool = False
    """A test call to an emergency centre (RFC 6881): delivered as an emergency call, recorded as none."""
    location_state: LocationState | None = None
    """Of an on-site emergency call."""
    location_note: str = ""
    """Why the location is in this state."""
    call_back: bool = False
    """An emergency centre calls back (RFC 7090): nothing diverts or refuses it."""
    forwarded_from: str | None = None
    announcement: Announcement | None = None
    """What the attendant says, when `outcome` is attendant."""

    def targets(self) -> tuple[Target, ...]:
        """First-choice targets followed by those of each fail-over, in order."""
        found: list[Target] = []
        stage = self.stage
        while stage is not None:
            found.extend(stage.targets)
            stage = stage.failed
        return tuple(found)

    def as_dict(self) -> dict[str, Any]:
        """The object of `./kiestoon explain --json`."""
        return {
            "outcome": self.outcome,
            "emergency_class": self.emergency_class,
            "sip_code": self.sip_code,
            "targets": [
                {"kind": t.kind, "id": t.id, "name": t.name, "uri": t.uri, "cli": t.cli}
                for t in self.targets()
            ],
            "reasons": [r.as_dict() for r in self.reasons],
        }
