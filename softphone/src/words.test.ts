import assert from "node:assert/strict";
import { test } from "node:test";
import { fill, wordsFor } from "./words.ts";

const holes = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

test("every language says everything, with the same holes", () => {
  const en = wordsFor("en");
  for (const language of ["nl", "fr", "de"]) {
    const words = wordsFor(language);
    assert.notEqual(words, en);
    for (const [key, text] of Object.entries(en)) {
      const translated = words[key as keyof typeof en];
      assert.ok(translated, `${language}: ${key}`);
      assert.deepEqual(holes(translated), holes(text), `${language}: ${key}`);
    }
  }
});

test("the language of a page may carry a country", () => {
  assert.equal(wordsFor("nl-BE"), wordsFor("nl"));
  assert.equal(wordsFor("xx"), wordsFor("en"));
});

test("holes are filled", () => {
  assert.equal(fill("{a} and {b}", { a: 1, b: "two" }), "1 and two");
});
