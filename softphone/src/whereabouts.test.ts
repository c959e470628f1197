import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Whereabouts } from "./whereabouts.ts";
import type { Where } from "./whereabouts.ts";

const INSTANCE = "<urn:uuid:1>";

test("it looks soon after registering and then every minute, also when nobody answers", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const asked: string[] = [];
  const answers: (Where | null)[] = [null, { device: false, asks: false }, { device: true, asks: true }];
  mock.method(globalThis, "fetch", async (url: string) => {
    asked.push(url);
    const answer = answers.shift();
    if (!answer) throw new TypeError("no connection");
    return new Response(JSON.stringify(answer));
  });
  const seen: Where[] = [];
  const where = new Whereabouts("/w/", "t", INSTANCE, (one) => seen.push(one));
  where.registered();
  for (const ms of [1_500, 3_000, 6_000]) {
    mock.timers.tick(ms);
    await settle();
  }
  assert.equal(asked[0], "/w/?instance=%3Curn%3Auuid%3A1%3E");
  assert.deepEqual(seen.map((one) => one.device), [false, true]);
  assert.equal(asked.length, 3);
  mock.timers.tick(12_000);
  await settle();
  mock.timers.tick(59_000);
  assert.equal(asked.length, 4);
  mock.timers.tick(1_000);
  assert.equal(asked.length, 5);
  await settle(); // what comes next waits for the clock that stands still
  mock.timers.reset();
  mock.restoreAll();
});

test("an answer goes with the token of the page, and what is wrong comes back by field", async () => {
  const sent: RequestInit[] = [];
  const answers = [
    new Response(JSON.stringify({ errors: { postcode: ["Enter 4 digits."] } }), { status: 422 }),
    new Response(JSON.stringify({ device: true, asks: false })),
    new Response("", { status: 500 }),
  ];
  mock.method(globalThis, "fetch", async (_: string, request: RequestInit) => {
    sent.push(request);
    return answers.shift();
  });
  const seen: Where[] = [];
  const where = new Whereabouts("/w/", "t", INSTANCE, (one) => seen.push(one));
  assert.deepEqual(await where.say({ postcode: "1" }), { postcode: ["Enter 4 digits."] });
  assert.deepEqual(seen, []);
  assert.deepEqual(await where.say({ place: "7" }), {});
  assert.equal(seen.length, 1);
  assert.deepEqual(await where.say({ place: "7" }), { "": [""] });
  assert.equal((sent[1]?.headers as Record<string, string>)["X-CSRFToken"], "t");
  assert.equal(String(sent[1]?.body), "place=7&instance=%3Curn%3Auuid%3A1%3E");
  mock.restoreAll();
});

async function settle(): Promise<void> {
  for (let n = 0; n < 10; n++) await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
}
