"""An initial INVITE: identify, decide, carry out stage by stage, record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from kiestoon.domain.routing.call import CallAttempt, RouteDecision
from kiestoon.domain.routing.decide import decide
from kiestoon.edge import ksr, plan
from kiestoon.edge.dialog import free_media
from kiestoon.edge.headers import (
    forwarding_party,
    is_international,
    presented_identity,
    set_emergency_headers,
    set_identity,
)
from kiestoon.edge.identity import authenticate, check_digest, find_trunk
from kiestoon.edge.ksr import K
from kiestoon.edge.media import answer_flags, called_profile, codec, offer_flags, offered_profile
from kiestoon.edge.plane import CallPlane
from kiestoon.edge.token import new_call_id
from kiestoon.vocabulary.configuration import Trunk

RING_LIMIT_MS = 180_000
TRUNK_REPLY_MS = 4_000
EMERGENCY_REPLY_MS = 3_000
DEVICE_REPLY_MS = 5_000
_TRY_NEXT = (408, 500, 502, 503, 504)
_BUSY = (486, 600, 603)
_NOT_IN_DISPLAY_NAME = str.maketrans("", "", '"\\<>\r\n')


class Inviter:
    """The INVITE callbacks of one edge process."""

    def __init__(self, plane: CallPlane) -> None:
        self._plane = plane

    def invite(self, dialled: str, on_site: bool) -> None:
        """The request route of an initial INVITE."""
        trunk = find_trunk(self._plane)
        username: str | None = None
        verified = True
        if trunk is None:
            if on_site:
                username = check_digest(self._plane)
                verified = username is not None
                if not verified:
                    username = ksr.text("$fU") or None
                    verified = self._registered_here(username)
            else:
                username = authenticate(self._plane)
                if username is None:
                    return
        self._route(dialled, trunk, username, verified)

    def _registered_here(self, username: str | None) -> bool:
        """Whether the claimed user has a device registered from the very address this came from."""
        if (
            not username
            or K.registrar.reg_fetch_contacts("location", f"sip:{username}@kiestoon.invalid", "own") < 0
        ):
            return False
        try:
            host = f"[{ksr.text('$si')}]" if ":" in ksr.text("$si") else ksr.text("$si")
            source = f"{host}:{ksr.text('$sp')}"
            count = int(ksr.get("$(ulc(own=>count))") or 0)
            return any(
                _host_and_port(ksr.text(f"$(ulc(own=>{field})[{n}])")) == source
                for n in range(count)
                for field in ("received", "addr")
            )
        finally:
            K.registrar.reg_free_contacts("own")

    def _route(self, dialled: str, trunk: Trunk | None, username: str | None, verified: bool) -> None:
        presented, anonymous = presented_identity()
        call = CallAttempt(
            dialled=dialled,
            username=username,
            trunk_id=trunk.trunk_id if trunk else None,
            verified=verified,
            presented=presented,
            anonymous=anonymous,
            forwarded_by=forwarding_party(),
            well_formed=trunk is None or trunk.kind != "carrier" or is_international(presented),
        )
        with self._plane.snapshot() as snapshot:
            decision = decide(call, snapshot, datetime.now(UTC))
        if decision.emergency_class == "on-site":
            # Before the transaction is made: it keeps a copy for the second path.
            set_emergency_headers(decision)
        if K.tm.t_newtran() < 1:
            return  # a retransmission of an INVITE another worker has taken
        call_id = new_call_id()
        self._record_attempt(call_id, call, decision)
        if decision.outcome == "reject" or decision.stage is None:
            code, phrase = decision.sip_code or 500, decision.sip_reason or "No Route"
            self._fail(call_id, code, "system", phrase)
            K.tm.t_reply(code, phrase)
            return
        ksr.sets("$avp(c)", call_id)
        ksr.sets("$avp(caller)", offered_profile(ksr.text("$rb")) if ksr.has_sdp() else "--")
        if decision.emergency_class == "on-site":
            ksr.sets("$avp(v)", "" if verified else "No-TN-Validation")
            ksr.sets("$avp(n)", decision.caller_name.translate(_NOT_IN_DISPLAY_NAME))
        self._start(plan.compile_stage(decision.stage))

    def _record_attempt(self, call_id: str, call: CallAttempt, decision: RouteDecision) -> None:
        stage = decision.stage
        first = stage.targets[0] if stage and stage.targets else None
        self._plane.recorder.event(
            "attempt",
            call_id,
            ksr.text("$ci"),
            ft=ksr.text("$ft"),
            src=f"{ksr.text('$si')}:{ksr.text('$sp')}",
            user=call.username,
            customer=decision.customer_id,
            trunk_in=call.trunk_id,
            trunk={"id": first.id, "name": first.name} if first and first.kind == "trunk" else None,
            direction=decision.direction,
            dialled=call.dialled,
            cli=first.cli if first else None,
            verified=call.verified,
            outcome=decision.outcome,
            code=decision.sip_code,
            forwarded_from=decision.forwarded_from,
            reasons=[r.as_dict() for r in decision.reasons],
            ua=ksr.text("$ua"),
            **{"from": decision.from_number, "to": decision.to_number, "class": decision.emergency_class},
        )

    def _fail(self, call_id: str, code: int, by: str, why: str) -> None:
        self._plane.recorder.event("fail", call_id, ksr.text("$ci"), code=code, by=by, why=why)

    # ------------------------------------------------------------------ stages

    def _start(self, stage: plan.Stage | None) -> None:
        """Send the INVITE to the targets of a stage, or of the first following one that can be reached."""
        while stage is not None:
            if self._address(stage):
                plan.remember(stage)
                self._relay(stage)
                return
            following = stage.get("unreachable") or stage.get("failed")
            if following is None:
                break
            stage = following
            self._record_stage(stage)
        self._fail(ksr.text("$avp(c)"), 480, "system", "no device registered")
        K.tm.t_reply(480, "Temporarily Unavailable")

    def _record_stage(self, stage: plan.Stage) -> None:
        first = stage["targets"][0] if stage["targets"] else None
        trunk = {"id": first["id"], "name": first["name"]} if first and first["kind"] == "trunk" else None
        self._plane.recorder.event(
            "stage",
            ksr.text("$avp(c)"),
            ksr.text("$ci"),
            because=stage["because"],
            trunk=trunk,
            users=[t["id"] for t in stage["targets"] if t["kind"] == "user"],
            forwarded_from=stage["forwarded_from"],
            to=stage["to"],
        )

    def _address(self, stage: plan.Stage) -> bool:
        """Set Request-URI and branches; False when no target has a device."""
        targets = stage["targets"]
        if not targets:
            return False
        first = targets[0]
        if first["kind"] == "trunk":
            user, _, parameters = str(first["request_user"]).partition(";")
            host = first["uri"].removeprefix("sip:")
            tail = f";{parameters}" if parameters else ""
            ksr.sets("$ru", f"sip:{user}{tail}@{host}")
            ksr.sets("$du", first["uri"])
            return True
        found = False
        policy_of: dict[str, str] = {}
        for target in targets:
            uri = f"sip:{target['id']}@kiestoon.invalid"
            before = int(ksr.get("$branch(count)") or 0)
            if not found:
                ksr.sets("$ru", uri)
                found = K.registrar.lookup("location") > 0
                if found:
                    policy_of[ksr.text("$ru")] = target["srtp"]
            else:
                K.registrar.lookup_to_dset("location", uri)
            for index in range(before, int(ksr.get("$branch(count)") or 0)):
                policy_of[ksr.text(f"$(branch(uri)[{index}])")] = target["srtp"]
        if any(target["srtp"] != targets[0]["srtp"] for target in targets):
            stage["srtp_of"] = policy_of
        return found

    def _relay(self, stage: plan.Stage) -> None:
        trunk = stage["targets"][0]["kind"] == "trunk"
        ring = int(stage["ring_seconds"]) * 1000 or RING_LIMIT_MS
        reply = EMERGENCY_REPLY_MS if stage["emergency"] else TRUNK_REPLY_MS if trunk else DEVICE_REPLY_MS
        K.tm.t_set_fr(ring, reply)
        if len(stage["targets"]) > 1:
            K.tm.t_set_disable_6xx(1)  # one colleague's "decline" must not silence the others' phones
        K.tm.t_on_branch("ksr_branch")
        K.tm.t_on_reply("ksr_reply")
        K.tm.t_on_failure("ksr_failure")
        if K.tm.t_relay() < 0:
            self._fail(ksr.text("$avp(c)"), 503, "system", "not sent: media or next hop unavailable")
            K.tm.t_reply(503, "Service Unavailable")

    # --------------------------------------------------------------- callbacks

    def branch(self) -> int:
        """Per destination: identity headers, Record-Route with our parameter, media offer."""
        stage = plan.recall()
        target = stage["targets"][0]
        caller = ksr.text("$avp(caller)")
        contact = ksr.text("$ru")
        srtp = stage["srtp_of"].get(contact, "auto") if "srtp_of" in stage else target["srtp"]
        called = called_profile(contact, ksr.text("$du"), srtp)
        pair = (caller if caller != "--" else called) + called
        K.rr.add_rr_param(self._plane.signer.parameter(ksr.text("$avp(c)"), pair, ksr.text("$ci")))
        K.rr.record_route()
        set_identity(stage, target)
        if caller != "--" and K.rtpengine.rtpengine_offer(offer_flags(called)) < 0 and not stage["emergency"]:
            ksr.log_error("media relay unavailable")
            K.set_drop()
        return 1

    def reply(self) -> int:
        """Replies from a target: anchor the answer, record the 2xx."""
        code = int(ksr.get("$rs") or 0)
        if code < 180:
            return 1
        sdp, anchored = ksr.has_sdp(), False
        body = ksr.text("$rb") if sdp else ""
        if sdp and code < 300:
            caller = ksr.text("$avp(caller)")
            if caller == "--":
                anchored = K.rtpengine.rtpengine_offer(offer_flags("r4")) > 0
            else:
                anchored = K.rtpengine.rtpengine_answer(answer_flags(caller)) > 0
        if ksr.get("$proto") in ("ws", "wss") or K.nathelper.nat_uac_test(64 + 1) > 0:
            K.nathelper.set_contact_alias()
        if 200 <= code < 300 and ksr.get("$rm") == "INVITE":
            self._plane.recorder.event(
                "answer",
                ksr.text("$avp(c)"),
                ksr.text("$ci"),
                tt=ksr.text("$tt"),
                code=code,
                codec=codec(body),
                anchored=anchored,
            )
        return 1

    def failure(self) -> int:
        """All branches failed: the next stage, or the end."""
        call_id = ksr.text("$avp(c)")
        if K.tm.t_is_canceled() > 0:
            self._fail(call_id, 487, "caller", "cancelled")
            free_media(self._plane, call_id, ksr.text("$ci"))
            return 1
        code = int(ksr.get("$T_reply_code") or 408)
        stage = plan.recall()
        following = _following(stage, code)
        if following is None:
            self._fail(call_id, code, "callee" if K.tm.t_branch_timeout() < 0 else "system", "refused")
            free_media(self._plane, call_id, ksr.text("$ci"))
            return 1
        self._record_stage(following)
        self._start(following)
        return 1


def _host_and_port(uri: str) -> str:
    """ "127.0.0.5:5060" of sip:x@127.0.0.5:5060;transport=tcp."""
    return uri.partition(":")[2].rpartition("@")[2].partition(";")[0]


def _following(stage: plan.Stage, code: int) -> Any:
    """The stage that follows this final reply."""
    if stage["emergency"]:
        return stage.get("failed")
    if code in _BUSY:
        return stage.get("busy")
    timed_out = code == 408
    if stage["targets"] and stage["targets"][0]["kind"] == "user":
        if timed_out and K.tm.t_any_timeout() > 0:
            answered_at_all = K.tm.t_branch_replied() > 0
            return stage.get("no_answer") if answered_at_all else stage.get("unreachable")
        if timed_out or code == 480:
            return stage.get("no_answer") or stage.get("unreachable")
        return stage.get("unreachable") if code in (404, 410, 500, 503) else None
    return stage.get("failed") if code in _TRY_NEXT or code >= 500 else None
