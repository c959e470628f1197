"""An initial INVITE: identify, decide, carry out stage by stage, record."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

from kiestoon.domain.emergency.testing import service_tested
from kiestoon.domain.routing.announcing import CHECK_ADDRESS, attendant_stage
from kiestoon.domain.routing.call import CallAttempt, RouteDecision, Stage
from kiestoon.domain.routing.decide import decide
from kiestoon.domain.routing.emergency_paths import in_order, is_path_down
from kiestoon.edge import ksr, lines, paths, plan, relay
from kiestoon.edge.answers import note_answer, rang_at, record_answer
from kiestoon.edge.caller_data import add_caller_data
from kiestoon.edge.claims import claimed_line
from kiestoon.edge.device import instance_in_contact, registered_from_here
from kiestoon.edge.dialog import anchor_reply, free_media
from kiestoon.edge.headers import (
    DRILL,
    forwarding_party,
    is_international,
    presented_identity,
    set_identity,
    set_instruction,
)
from kiestoon.edge.helped import CALL_BACK, forget_priority, remember_helped, whom_it_helped
from kiestoon.edge.hiding import HIDDEN, hide_caller
from kiestoon.edge.identity import authenticate, check_digest, find_trunk
from kiestoon.edge.ksr import K
from kiestoon.edge.media import (
    DELAYED,
    FROM_TRUNK,
    TO_ATTENDANT,
    TO_TRUNK,
    UNANCHORED,
    called_profile,
    codec,
    goes_past_relay,
    offered_profile,
    source_profile,
)
from kiestoon.edge.nat import remember_source
from kiestoon.edge.outcome import BUSY_CODES, RINGING, TRYING, following_stage
from kiestoon.edge.plane import CallPlane
from kiestoon.edge.sockets import socket_towards
from kiestoon.edge.token import new_call_id
from kiestoon.vocabulary.configuration import Trunk

RING_LIMIT_MS = 180_000
TRUNK_REPLY_MS = 4_000
ATTENDANT_REPLY_MS = 1_000
"""It is on this machine and begins at once: one that says nothing is not there."""
EMERGENCY_REPLY_MS = 2_000
DEVICE_REPLY_MS = 5_000
TRUNK_PROGRESS_MS = 20_000
"""A trunk that said 100 Trying and then nothing is left after this long; a ringing one never is."""
ON_SITE = "on-site"
EMERGENCY_PROGRESS_MS = 8_000
_NOT_IN_DISPLAY_NAME = str.maketrans("", "", '"\\<>\r\n')


class Inviter:
    """The INVITE callbacks of one edge process."""

    def __init__(self, plane: CallPlane) -> None:
        self._plane = plane
        self._media_failed = False
        """Whether the media relay failed a branch of the relay just tried."""

    def invite(self, dialled: str, on_site: bool) -> None:
        """The request route of an initial INVITE."""
        trunk = find_trunk(self._plane)
        username: str | None = None
        verified, instance = True, ""
        if trunk is None:
            if on_site:
                self._plane.gate.prolong()  # the centre may hang up after a long silence
                username = check_digest(self._plane)
                if username is None:
                    username, verified = claimed_line(self._plane)
                if username is not None:
                    instance = instance_in_contact() or registered_from_here(username) or ""
            else:
                username = authenticate(self._plane)
                if username is None or self._plane.gate.calls_wait(username):
                    return
                if service_tested(dialled) is not None and self._plane.gate.tests_wait(username):
                    return
                if dialled == CHECK_ADDRESS:  # hears the address of this very device
                    instance = instance_in_contact() or registered_from_here(username) or ""
        remember_source(trunk is not None)
        forget_priority(trunk is not None and trunk.kind == "emergency")
        self._route(dialled, trunk, username, verified, instance)

    def _route(
        self, dialled: str, trunk: Trunk | None, username: str | None, verified: bool, instance: str
    ) -> None:
        presented, anonymous = presented_identity()
        call = CallAttempt(
            dialled=dialled,
            username=username,
            trunk_id=trunk.trunk_id if trunk else None,
            verified=verified,
            presented=presented,
            anonymous=anonymous,
            forwarded_by=forwarding_party(),
            helped=whom_it_helped(dialled) if trunk is not None and trunk.kind != "customer-pbx" else None,
            source=ksr.text("$si"),
            instance=instance,
            drill=ksr.text(f"$hdr({DRILL})"),
            well_formed=trunk is None or trunk.kind != "carrier" or is_international(presented),
        )
        with self._plane.snapshot() as snapshot:
            decision = decide(call, snapshot, datetime.now(UTC))
        if decision.stage is not None and decision.stage.emergency:
            down = paths.avoided([target.id for target in decision.targets()])
            decision = replace(decision, stage=in_order(decision.stage, down)) if down else decision
        offered = ksr.has_sdp()
        profile = offered_profile(ksr.text("$rb")) if offered else source_profile(*_source())
        stage = _stage_of(decision)
        call_id = new_call_id()
        dropped: list[str] = []
        if (decision.emergency_class == ON_SITE or decision.test) and decision.outcome == "route":
            # Before the transaction is made: it keeps a copy for the second path.
            dropped = self._add_caller_data(decision, call_id)
        hidden = stage is not None and any(t.anonymous for t in stage.targets)
        ours = username if trunk is None else trunk.trunk_id if trunk.kind == "customer-pbx" else None
        if hidden:
            hide_caller(self._plane.cover, call_id, own=ours is not None)
        if K.tm.t_newtran() < 1:
            return  # a retransmission of an INVITE another worker has taken
        self._record_attempt(call_id, call, decision, stage, trunk, dropped)
        if decision.sip_code == 404 and trunk is None and username is not None:
            self._plane.gate.number_missed(username)
        if stage is None:
            code, phrase = decision.sip_code or 500, decision.sip_reason or "No Route"
            self._fail(call_id, code, "system", phrase)
            K.tm.t_reply(code, phrase)
            return
        ksr.sets("$avp(c)", call_id)
        ksr.sets("$avp(caller)", profile)
        ksr.sets("$avp(o)", "" if offered else DELAYED)
        ksr.sets("$avp(h)", HIDDEN if hidden else "")
        ksr.sets("$avp(u)", ours or "")
        ksr.sets("$avp(e)", CALL_BACK if decision.call_back else decision.emergency_class or "")
        ksr.sets("$avp(i)", FROM_TRUNK if trunk else "")
        if decision.emergency_class == ON_SITE or decision.test:
            ksr.sets("$avp(v)", "" if verified else "No-TN-Validation")
            ksr.sets("$avp(n)", decision.caller_name.translate(_NOT_IN_DISPLAY_NAME))
        if decision.emergency_class == ON_SITE:
            remember_helped(decision.from_number, username, trunk)
        if trunk is not None:
            lines.take_incoming(trunk.trunk_id, call_id)
        self._start(plan.compile_stage(stage))

    @staticmethod
    def _add_caller_data(decision: RouteDecision, call_id: str) -> list[str]:
        try:
            return add_caller_data(decision, call_id)
        except Exception as error:  # without name and place rather than not at all
            ksr.log_failure("caller data", error)
            return []

    def _record_attempt(
        self,
        call_id: str,
        call: CallAttempt,
        decision: RouteDecision,
        stage: Stage | None,
        trunk_in: Trunk | None,
        dropped: list[str],
    ) -> None:
        first = stage.targets[0] if stage and stage.targets else None
        self._plane.recorder.event(
            "attempt",
            call_id,
            ksr.text("$ci"),
            ft=ksr.text("$ft"),
            src=f"{ksr.text('$si')}:{ksr.text('$sp')}",
            user=call.username,
            customer=decision.customer_id,
            customer_to=decision.called_customer_id,
            customer_from=decision.calling_customer_id,
            withheld=decision.withheld,
            trunk_in={"id": trunk_in.trunk_id, "name": trunk_in.name} if trunk_in else None,
            trunk={"id": first.id, "name": first.name} if first and first.kind == "trunk" else None,
            users=[t.id for t in stage.targets if t.kind == "user"] if stage else [],
            direction=decision.direction,
            dialled=call.dialled,
            cli=first.cli if first else None,
            verified=call.verified,
            outcome=decision.outcome,
            code=decision.sip_code,
            forwarded_from=decision.forwarded_from,
            sent_to=stage.to if stage and decision.forwarded_from else None,
            reasons=[r.as_dict() for r in decision.reasons],
            ua=ksr.text("$ua"),
            **({"dropped": dropped} if dropped else {}),
            **{"from": decision.from_number, "to": decision.to_number, "class": decision.emergency_class},
        )

    def _fail(self, call_id: str, code: int, by: str, why: str) -> None:
        rang = rang_at()
        self._plane.recorder.event("fail", call_id, ksr.text("$ci"), code=code, by=by, why=why, rang=rang)

    # ------------------------------------------------------------------ stages

    def _start(self, stage: plan.Stage | None) -> None:
        """Send the INVITE to the targets of a stage, or of the first following one that can be reached."""
        code, phrase, why = 480, "Temporarily Unavailable", "no device registered"
        while stage is not None:
            if self._address(stage):
                plan.remember(stage)
                room = lines.take(stage, ksr.text("$avp(c)"))
                if room and self._relay(stage):
                    return
                if K.tm.t_is_canceled() > 0:
                    self._end(487, "caller", "cancelled")  # Kamailio has answered
                    return
                code, phrase = stage.get("refusal") or (503, "Service Unavailable")
                why = "not sent: next hop unavailable"
                if stage["emergency"] and ksr.text("$avp(e)") == ON_SITE:
                    paths.note(stage["targets"][0]["id"], down=True)
                if not room:
                    why = "not sent: every line of the trunk is taken"
                elif self._media_failed:
                    why = "not sent: media relay unavailable"
                    break
            stage = stage.get("unreachable") or stage.get("failed")
            if stage is not None:
                self._record_stage(stage, None)
        self._end(code, "system", why)
        K.tm.t_reply(code, phrase)

    def _end(self, code: int, by: str, why: str) -> None:
        """Journal the end of a call nobody answered, and free its media."""
        call_id = ksr.text("$avp(c)")
        lines.free(call_id)
        self._fail(call_id, code, by, why)
        if not ksr.text("$avp(past)"):
            free_media(self._plane, call_id, ksr.text("$ci"), ksr.text("$ft"))

    def _record_stage(self, stage: plan.Stage, code: int | None) -> None:
        """`code` ended the stage before; None when nothing of it could be sent."""
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
            code=code,
            rang=rang_at(),
        )

    def _address(self, stage: plan.Stage) -> bool:
        """Set Request-URI and branches; False when no target has a device."""
        targets = stage["targets"]
        if not targets:
            return False
        first = targets[0]
        if first["kind"] != "user":
            ksr.sets("$ru", _request_uri(str(first["request_user"]), first["uri"]))
            ksr.sets("$du", first["uri"])
            ksr.sets("$fs", socket_towards(first["uri"]))
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

    def _relay(self, stage: plan.Stage) -> bool:
        """Whether the INVITE has left for at least one target."""
        trunk = stage["targets"][0]["kind"] == "trunk"
        if "announcement" in stage:
            K.tm.t_set_fr(_ring_ms(stage), ATTENDANT_REPLY_MS)
        elif stage["emergency"]:
            K.tm.t_set_fr(EMERGENCY_PROGRESS_MS, EMERGENCY_REPLY_MS)
        elif trunk:
            K.tm.t_set_fr(TRUNK_PROGRESS_MS, TRUNK_REPLY_MS)
        else:
            K.tm.t_set_fr(_ring_ms(stage), DEVICE_REPLY_MS)
        ksr.sets("$avp(seen)", "")
        ksr.sets("$avp(rang)", "")
        ksr.sets("$avp(final)", "")
        if len(stage["targets"]) > 1:
            K.tm.t_set_disable_6xx(1)  # one colleague's "decline" must not silence the others' phones
        K.tm.t_on_branch("ksr_branch")
        K.tm.t_on_reply("ksr_reply")
        K.tm.t_on_failure("ksr_failure")
        K.tm.t_set_disable_internal_reply(1)  # a connection refused is no end: the next stage is tried
        self._media_failed = False
        return bool(K.tm.t_relay() > 0)

    # --------------------------------------------------------------- callbacks

    def branch(self) -> int:
        """Per destination: identity headers, Record-Route with our parameter, media offer."""
        stage = plan.recall()
        target = stage["targets"][0]
        caller = ksr.text("$avp(caller)")
        contact = ksr.text("$ru")
        srtp = stage["srtp_of"].get(contact, "auto") if "srtp_of" in stage else target["srtp"]
        called = called_profile(contact, ksr.text("$du"), srtp)
        delayed = ksr.text("$avp(o)")
        to_trunk = TO_TRUNK if target["kind"] != "user" else ""
        ksr.sets("$avp(to)", to_trunk)
        to_attendant = TO_ATTENDANT if target["kind"] == "attendant" else ""
        flags = delayed + ksr.text("$avp(h)") + ksr.text("$avp(i)") + to_trunk + to_attendant
        past_relay = ""
        if not ksr.text("$avp(relayed)") and goes_past_relay(caller, flags):
            past_relay = UNANCHORED
        ksr.sets("$avp(past)", past_relay)
        ksr.sets("$avp(relayed)", "" if past_relay else "yes")
        profiles = caller + called + flags + past_relay
        parameter = self._plane.signer.parameter(ksr.text("$avp(c)"), profiles, ksr.text("$ci"))
        K.rr.add_rr_param(parameter)
        K.rr.record_route()
        set_identity(stage, target)
        set_instruction(stage, ksr.text("$avp(c)"), ksr.text("$avp(u)"))
        wanted = not delayed and not past_relay
        if stage["emergency"] or ksr.text("$avp(e)") == CALL_BACK:
            _ = wanted and relay.offer(called, emergency=True)  # it goes on without the relay
        elif wanted and (relay.is_full() or not relay.offer(called)):
            self._media_failed = True
            K.set_drop()
        return 1

    def reply(self) -> int:
        """Replies from a target: anchor the answer, record the 2xx."""
        code = int(ksr.get("$rs") or 0)
        self._note_progress(code)
        if code < 180:
            return 1
        if code < 300 and ksr.text("$avp(e)") == ON_SITE:
            paths.note(plan.recall()["targets"][0]["id"], down=False)
        answers = 200 <= code < 300 and ksr.get("$rm") == "INVITE"
        new, spare = note_answer(ksr.text("$avp(c)")) if answers else (False, False)
        if code < 300 and not spare and ksr.has_sdp():
            ksr.sets("$avp(codec)", codec(ksr.text("$rb")))
            delayed = ksr.text("$avp(o)") == DELAYED
            anchored = not ksr.text("$avp(past)") and anchor_reply(
                ksr.text("$avp(caller)"), delayed, bool(ksr.text("$avp(e)"))
            )
            ksr.sets("$avp(anchored)", "yes" if anchored else "no")
        remember_source(bool(ksr.text("$avp(to)")))
        if new:
            record_answer(self._plane, ksr.text("$avp(codec)"), ksr.text("$avp(anchored)") == "yes")
        return 1

    def _note_progress(self, code: int) -> None:
        """Remember what any target of this stage said; a final timeout of one tells nothing of the others."""
        if code >= 300 and code not in (408, 487):
            said = ksr.text("$avp(final)")
            if not said or (code in BUSY_CODES and int(said) not in BUSY_CODES):
                ksr.sets("$avp(final)", str(code))
                ksr.sets("$avp(phrase)", ksr.text("$rr"))
                ksr.sets("$avp(minse)", ksr.text("$hdr(Min-SE)"))
        mark = TRYING if code < 180 else RINGING if code < 200 else ""
        seen = ksr.text("$avp(seen)")
        if not mark or mark in seen:
            return
        ksr.sets("$avp(seen)", seen + mark)
        if mark == RINGING:
            ksr.sets("$avp(rang)", str(time.monotonic_ns() // 1_000_000))
            stage = plan.recall()
            if stage["targets"][0]["kind"] == "trunk":
                K.tm.t_set_fr(_ring_ms(stage), 0)

    def failure(self) -> int:
        """All branches failed: the next stage, or the end."""
        if K.tm.t_is_canceled() > 0:
            self._end(487, "caller", "cancelled")
            return 1
        code = int(ksr.get("$T_reply_code") or 408)
        said = ksr.text("$avp(final)")
        timed_out = code == 408 or K.tm.t_any_timeout() > 0
        overruled = code == 408 and bool(said)  # Kamailio prefers the silence of another device
        if overruled:
            code = int(said)
        stage = plan.recall()
        if "announcement" in stage:
            self._refuse_announced(stage, code, timed_out)
            return 1
        if stage["emergency"] and ksr.text("$avp(e)") == ON_SITE and is_path_down(code):
            paths.note(stage["targets"][0]["id"], down=True)
        following = following_stage(stage, code, ksr.text("$avp(seen)"), timed_out)
        if following is None:
            callee = overruled or K.tm.t_branch_timeout() < 0
            self._end(code, "callee" if callee else "system", "refused")
            if overruled:
                minimum = ksr.text("$avp(minse)")
                if minimum:
                    K.hdr.append_to_reply(f"Min-SE: {minimum}\r\n")
                K.tm.t_reply(code, ksr.text("$avp(phrase)") or "Refused")
            return 1
        self._record_stage(following, code)
        self._start(following)
        return 1

    def _refuse_announced(self, stage: plan.Stage, code: int, timed_out: bool) -> None:
        """The end of a call to the attendant: the code decided, whatever became of the announcement."""
        refusal, phrase = stage["refusal"]
        self._end(refusal, "system", "announced" if code == refusal and not timed_out else "not announced")
        if code != refusal or timed_out:
            K.tm.t_reply(refusal, phrase)


def _stage_of(decision: RouteDecision) -> Stage | None:
    """Where the call goes first; None: nowhere."""
    if decision.outcome == "attendant" and decision.announcement is not None:
        return attendant_stage(decision, decision.announcement)
    return decision.stage if decision.outcome != "reject" else None


def _request_uri(user: str, trunk: str) -> str:
    """What is asked of a trunk: a user part with its parameters (RFC 4694) there, or a URN as it is."""
    if user.startswith("urn:"):
        return user
    user, _, parameters = user.partition(";")
    host = trunk.removeprefix("sip:")
    return f"sip:{user};{parameters}@{host}" if parameters else f"sip:{user}@{host}"


def _source() -> tuple[str, str]:
    return ksr.text("$proto"), ksr.text("$si")


def _ring_ms(stage: plan.Stage) -> int:
    return int(stage["ring_seconds"]) * 1000 or RING_LIMIT_MS
