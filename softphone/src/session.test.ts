import assert from "node:assert/strict";
import { test } from "node:test";
import { after, IDLE, reasonOf } from "./session.ts";
import type { Call, Ending, Event } from "./session.ts";

const follow = (...events: Event[]): Call => events.reduce(after, IDLE);
const over = (reason: "hung-up-there" | "missed" | "busy"): Event => ({ type: "over", at: 9, reason, code: 0 });
const dial: Event = { type: "dial", number: "*102" };
const ring: Event = { type: "ring", number: "+3238080101", name: "Anna" };
const accepted: Event = { type: "accepted", at: 5 };

test("a call out: calling, early, talking, held, talking, ended, idle", () => {
  const steps: [Event, string][] = [
    [dial, "calling"],
    [{ type: "progress", earlyMedia: false }, "early"],
    [accepted, "talking"],
    [{ type: "hold", on: true }, "held"],
    [{ type: "hold", on: false }, "talking"],
    [over("hung-up-there"), "ended"],
    [{ type: "clear" }, "idle"],
  ];
  let call = IDLE;
  for (const [event, phase] of steps) {
    call = after(call, event);
    assert.equal(call.phase, phase);
  }
});

test("a call in rings, is answered, and remembers who called", () => {
  const call = follow(ring, accepted);
  assert.equal(call.phase, "talking");
  assert.equal(call.incoming, true);
  assert.equal(call.name, "Anna");
  assert.equal(call.since, 5);
});

test("a second call changes nothing while one lives", () => {
  for (const first of [dial, ring]) {
    const call = follow(first);
    assert.equal(after(call, ring), call);
    assert.equal(after(call, dial), call);
  }
});

test("a new call may begin before the ended one is forgotten, with nothing left of it", () => {
  const call = follow(dial, accepted, { type: "mute", on: true }, { type: "digit", digit: "1" }, over("busy"), ring);
  assert.deepEqual(call, follow(ring));
});

test("events that make no sense leave the state as it is", () => {
  const senseless: [Call, Event][] = [
    [IDLE, accepted],
    [IDLE, over("missed")],
    [IDLE, { type: "hold", on: true }],
    [follow(dial), { type: "mute", on: true }],
    [follow(dial), { type: "digit", digit: "1" }],
    [follow(dial), { type: "clear" }],
    [follow(dial, accepted), accepted],
    [follow(dial, accepted), { type: "progress", earlyMedia: true }],
    [follow(dial, over("busy")), accepted],
  ];
  for (const [call, event] of senseless) assert.equal(after(call, event), call, event.type);
});

test("early media stays known when a later 180 brings none", () => {
  const call = follow(dial, { type: "progress", earlyMedia: true }, { type: "progress", earlyMedia: false });
  assert.equal(call.earlyMedia, true);
});

test("digits go to a call that talks or announces", () => {
  const early = follow(dial, { type: "progress", earlyMedia: true }, { type: "digit", digit: "5" });
  assert.equal(early.digits, "5");
  assert.equal(follow(dial, accepted, { type: "digit", digit: "1" }, { type: "digit", digit: "#" }).digits, "1#");
});

test("why a call ended", () => {
  const out = follow(dial);
  const incoming = follow(ring);
  const talking = follow(dial, accepted);
  const cases: [Call, Partial<Ending>, string][] = [
    [out, { originator: "remote", cause: "Busy", code: 486 }, "busy"],
    [out, { originator: "remote", cause: "Rejected", code: 603 }, "declined"],
    [out, { originator: "remote", cause: "Rejected", code: 403 }, "not-allowed"],
    [out, { originator: "remote", cause: "Unavailable", code: 408 }, "no-answer"],
    [out, { originator: "remote", cause: "Unavailable", code: 480 }, "unreachable"],
    [out, { originator: "remote", cause: "SIP Failure Code", code: 500 }, "failed"],
    [out, { originator: "local", cause: "Canceled" }, "cancelled"],
    [out, { originator: "system", cause: "Connection Error" }, "no-line"],
    [out, { originator: "system", cause: "Request Timeout" }, "no-line"],
    [incoming, { originator: "remote", cause: "Canceled" }, "missed"],
    [incoming, { originator: "remote", cause: "Canceled", header: "SIP;cause=200;text=\"Call completed elsewhere\"" }, "answered-elsewhere"],
    [incoming, { originator: "local", cause: "Rejected" }, "declined-here"],
    [talking, { originator: "remote", cause: "Terminated" }, "hung-up-there"],
    [talking, { originator: "local", cause: "Terminated" }, "hung-up-here"],
    [talking, { originator: "local", cause: "RTP Timeout" }, "media-lost"],
  ];
  for (const [call, ending, reason] of cases) {
    const full = { originator: "", cause: "", code: 0, header: "", ...ending };
    assert.equal(reasonOf(call, full), reason, JSON.stringify(ending));
  }
});
