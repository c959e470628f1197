"""The call detail record (CDR): one per call attempt, and why and how long each datum of it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["internal", "outgoing", "incoming", "forwarded"]
Party = Literal["caller", "callee", "system"]
ClosedBy = Literal["bye", "final-reply", "reconciled", "expired"]
"""`final-reply`: refused, cancelled or rejected. `reconciled`: answered, its media was gone, no BYE came.
`expired`: never answered, no final reply was recorded."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One stage of a call: who rang next, and why. Times in UTC ms, numbers in E.164."""

    at: int
    to: str | None
    trunk_id: str | None
    trunk_name: str | None
    users: tuple[str, ...]
    because: str
    forwarded_from: str | None

    def as_dict(self) -> dict[str, object]:
        trunk = {"id": self.trunk_id, "name": self.trunk_name} if self.trunk_id else None
        return {
            "at": self.at,
            "to": self.to,
            "trunk": trunk,
            "users": list(self.users),
            "because": self.because,
            "forwarded_from": self.forwarded_from,
        }


@dataclass(frozen=True, slots=True)
class Cdr:
    """Times in UTC ms and never impossible: started_at <= answered_at <= ended_at; talk_ms >= 0.

    What had to be corrected is named in `anomalies`. `ended_at`, `sip_code`, `closed_by` are None while
    the call is going on. loss in percent, jitter in ms, mos 1 to 5.
    """

    call_id: str
    direction: Direction
    from_number: str | None
    to_number: str | None
    dialled: str
    cli: str | None
    customer_id: int | None
    called_customer_id: int | None
    calling_customer_id: int | None
    """The customer who calls; `customer_id` is the called one when the caller is no customer of ours."""
    withheld: bool | None
    """The called side never sees `from_number` unless this is False; None: not known."""
    username: str | None
    source: str | None
    user_agent: str | None
    verified: bool
    trunk_id: str | None
    trunk_name: str | None
    trunk_in_id: str | None
    started_at: int
    answered_at: int | None
    ended_at: int | None
    talk_ms: int
    sip_code: int | None
    hung_up_by: Party | None
    closed_by: ClosedBy | None
    emergency_class: str | None
    forwarded_from: str | None
    sip_call_ids: tuple[str, ...]
    codec: str | None
    loss: float | None
    jitter_ms: float | None
    mos: float | None
    packets: int | None
    """RTP packets relayed, both directions."""
    anchored: bool | None
    stages: tuple[Leg, ...]
    anomalies: tuple[str, ...]


Purpose = Literal["transmission", "billing", "fraud", "malicious-calls", "security", "authorities", "quality"]
ExpiryClass = Literal[
    "delivery", "billing", "fraud-4m", "malicious-12m", "security-12m", "session-12m", "quality-1m"
]


@dataclass(frozen=True, slots=True)
class Expiry:
    """How long a datum of this class is kept: months after `counted_from`; None: see `until`."""

    months: int | None
    counted_from: str
    until: str
    source: str
    confirmed: bool
    """False: docs/law does not confirm this period; it is ours, to verify."""


EXPIRY: dict[ExpiryClass, Expiry] = {
    "delivery": Expiry(0, "end of the call", "no longer needed to carry the call", "WEC art. 122 §1", True),
    "billing": Expiry(
        None,
        "invoice",
        "end of the period to dispute it or to sue for payment (its length in months: to verify)",
        "WEC art. 122 §2",
        True,
    ),
    "fraud-4m": Expiry(4, "date of communication", "", "WEC art. 122 §4, 1°", True),
    "malicious-12m": Expiry(12, "date of communication", "", "WEC art. 122 §4, 2°", True),
    "security-12m": Expiry(12, "date of communication", "at most", "WEC art. 122 §4/1", True),
    "session-12m": Expiry(12, "end of session", "", "WEC art. 126 §2, 15° and 16°", True),
    "quality-1m": Expiry(1, "date of communication", "", "to verify", False),
}


@dataclass(frozen=True, slots=True)
class Keeping:
    """One reason to keep a datum; when all its keepings have run out the datum is emptied."""

    purpose: Purpose
    expiry: ExpiryClass
    only: tuple[Direction, ...] = ()
    """Directions it holds for; empty: all."""


_BILLING = Keeping("billing", "billing")
_FRAUD = Keeping("fraud", "fraud-4m")
_MALICIOUS = Keeping("malicious-calls", "malicious-12m", ("incoming", "internal", "forwarded"))
_SECURITY = Keeping("security", "security-12m")
_SESSION = Keeping("authorities", "session-12m")
_QUALITY = Keeping("quality", "quality-1m")

KEEPING: dict[str, tuple[Keeping, ...]] = {
    "call_id": (_BILLING, _FRAUD, _MALICIOUS),
    "direction": (_BILLING, _FRAUD, _MALICIOUS),
    "from_number": (_BILLING, _FRAUD, _MALICIOUS),
    "to_number": (_BILLING, _FRAUD),
    "dialled": (_BILLING, _FRAUD),
    "cli": (_FRAUD, _MALICIOUS),
    "customer_id": (_BILLING, _FRAUD, _MALICIOUS),
    "called_customer_id": (_BILLING, _FRAUD, _MALICIOUS),
    "calling_customer_id": (_BILLING, _FRAUD, _MALICIOUS),
    "withheld": (_FRAUD, _MALICIOUS),
    "username": (_BILLING, _FRAUD),
    "source": (_SESSION, _MALICIOUS),
    "user_agent": (_SECURITY,),
    "verified": (_FRAUD,),
    "trunk_id": (_BILLING, _FRAUD),
    "trunk_name": (_BILLING, _FRAUD),
    "trunk_in_id": (_BILLING, _FRAUD, _MALICIOUS),
    "started_at": (_BILLING, _FRAUD, _MALICIOUS),
    "answered_at": (_BILLING, _FRAUD, _MALICIOUS),
    "ended_at": (_BILLING, _FRAUD, _MALICIOUS),
    "talk_ms": (_BILLING, _FRAUD, _MALICIOUS),
    "sip_code": (_FRAUD, _QUALITY),
    "hung_up_by": (_QUALITY,),
    "closed_by": (_BILLING,),
    "emergency_class": (_BILLING, _FRAUD),
    "forwarded_from": (_BILLING, _FRAUD),
    "sip_call_ids": (_FRAUD, _SECURITY),
    "codec": (_QUALITY,),
    "loss": (_QUALITY,),
    "jitter_ms": (_QUALITY,),
    "mos": (_QUALITY,),
    "packets": (_QUALITY,),
    "anchored": (_QUALITY,),
    "stages": (_BILLING, _FRAUD),
    "anomalies": (_BILLING,),
    "events": (_FRAUD, _SECURITY),
}
"""Datum of the CDR → why it is kept; `events` as journalled, the reasons among them.

Art. 126/2 (zones) comes with `domain.retention`.
"""
