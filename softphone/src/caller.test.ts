import assert from "node:assert/strict";
import { test } from "node:test";
import { caller } from "./caller.ts";

test("who calls", () => {
  const cases: [string | undefined, string, string, string][] = [
    ["<sip:+3238080101@kiestoon.invalid>", "<sip:anna.dezon@demo.test>;tag=1", "+3238080101", ""],
    ["<sip:+3238080101@kiestoon.invalid>", '"Anna" <sip:anna.dezon@demo.test>;tag=1', "+3238080101", "Anna"],
    ["<sip:+3238080101;verstat=No-TN-Validation@x.invalid>", "<sip:a@b>", "+3238080101", ""],
    ["<tel:+32470123456>", "<sip:a@b>", "+32470123456", ""],
    [undefined, '"O \\"K\\"" <sip:101@demo.test>', "101", 'O "K"'],
    [undefined, "sip:101@demo.test;tag=1", "101", ""],
    [undefined, '"101" <sip:101@demo.test>', "101", ""],
    [undefined, '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=9', "", ""],
  ];
  for (const [asserted, from, number, name] of cases) {
    assert.deepEqual(caller(asserted, from), { number, name }, from);
  }
});
