import assert from "node:assert/strict";
import { called, refuses } from "./parsing.ts";

Deno.test("check takes the interfaces and the output of the recording to come", () => {
  assert.deepEqual(called(["check"]), {
    command: "check",
    options: { interfaces: [], output: "traffic.parquet", json: false },
    verbose: false,
  });
  assert.deepEqual(called(["check", "-i", "eth0", "-i", "eth1", "-o", "x", "--json", "-v"]), {
    command: "check",
    options: { interfaces: ["eth0", "eth1"], output: "x", json: true },
    verbose: true,
  });
});

Deno.test("check takes no words without a flag", () => {
  refuses(
    ["check", "eth0"],
    'Cannot use "eth0": "check" takes flags only',
    'Name an interface with -i: "xdp-inspector check -i eth0"',
  );
});
