import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { systemReason } from "../../../src/core/system_reason.ts";

function failureOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("The action did not fail");
}

Deno.test("systemReason() gives the system's words for errors of Deno", () => {
  const missing = failureOf(() => Deno.readTextFileSync("/no/such, file"));
  assert.equal(systemReason(missing), "no such file or directory");
  const directory = failureOf(() => Deno.readTextFileSync("/"));
  assert.equal(systemReason(directory), "is a directory");
});

Deno.test("systemReason() gives the system's words for errors of Node.js", () => {
  const missing = failureOf(() => readFileSync("/no/such, file"));
  assert.equal(systemReason(missing), "no such file or directory");
});

Deno.test("systemReason() keeps abbreviations in capitals", () => {
  assert.equal(systemReason(new Error("I/O error (os error 5)")), "I/O error");
});

Deno.test("systemReason() gives the message of any other error, and the text of anything else", () => {
  assert.equal(systemReason(new Error("Something else")), "Something else");
  assert.equal(systemReason("text"), "text");
});
