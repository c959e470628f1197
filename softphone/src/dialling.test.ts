import assert from "node:assert/strict";
import { test } from "node:test";
import { dialled, shown, target } from "./dialling.ts";

test("what people type and paste", () => {
  const cases: [string, string][] = [
    ["0470 12 34 56", "0470123456"],
    ["03/808.01.01", "038080101"],
    ["+32 (0)3 808 01 01", "+3238080101"],
    ["0032 (0) 3 808 01 01", "003238080101"],
    ["tel:+3238080101", "+3238080101"],
    ["*102", "*102"],
    ["112", "112"],
    ["#31#0470123456", "#31#0470123456"],
    ["", ""],
    ["anna", ""],
    ["12+34", ""],
  ];
  for (const [typed, number] of cases) assert.equal(dialled(typed), number, typed);
});

test("a hash is escaped in a URI", () => {
  assert.equal(target("#31#0470", "demo.test"), "sip:%2331%230470@demo.test");
});

test("Belgian numbers are shown as Belgians write them", () => {
  const cases: [string, string][] = [
    ["+3238080101", "03 808 01 01"],
    ["+3281880201", "081 88 02 01"],
    ["+32470123456", "0470 12 34 56"],
    ["*102", "*102"],
    ["+33123456789", "+33123456789"],
  ];
  for (const [number, text] of cases) assert.equal(shown(number).replaceAll("\u00a0", " "), text);
});
