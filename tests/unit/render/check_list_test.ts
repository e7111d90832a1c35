import assert from "node:assert/strict";
import type { CheckFinding } from "../../../src/contract/check_finding.ts";
import { renderCheckJson, renderCheckLines } from "../../../src/render/check_list.ts";

const FINDINGS: readonly CheckFinding[] = [
  { check: "kernel", interface: null, status: "ok", message: "Linux 6.18", fix: null },
  { check: "gro", interface: "eth0", status: "warn", message: "on", fix: "Switch it off" },
  { check: "xdp_hook", interface: "\x1b[2J", status: "fail", message: "taken\n", fix: null },
];

Deno.test("renderCheckLines() gives each finding a line, its fix below it, and the sum", () => {
  assert.equal(
    renderCheckLines(FINDINGS, false),
    [
      "ok    kernel            Linux 6.18",
      "warn  eth0 gro          on",
      "        Switch it off",
      "fail  \\x1b[2J xdp_hook  taken\\n",
      "",
      "recording does not work: 1 failure, 1 warning",
      "",
    ].join("\n"),
  );
});

Deno.test("renderCheckLines() says that recording works if nothing fails", () => {
  assert.match(renderCheckLines(FINDINGS.slice(0, 1), false), /\nrecording works, 0 warnings\n$/);
  assert.match(renderCheckLines(FINDINGS.slice(0, 2), false), /\nrecording works, 1 warning\n$/);
});

Deno.test("renderCheckLines() colours what is not ok, if it may", () => {
  const lines = renderCheckLines(FINDINGS, true).split("\n");
  assert.deepEqual(
    lines.slice(0, 4).map((line) => line.includes("\x1b")),
    [false, true, false, true],
  );
});

Deno.test("renderCheckJson() is one array with everything in it, one finding a line", () => {
  const text = renderCheckJson(FINDINGS);
  assert.deepEqual(JSON.parse(text), FINDINGS);
  assert.equal(text.trimEnd().split("\n").length, FINDINGS.length);
});
