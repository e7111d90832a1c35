import { deepEqual, equal, match } from "node:assert/strict";
import { readSources } from "../../checks/findings.ts";
import { checkPins, lintWorkflows } from "../../checks/workflows.ts";

const HASH = "de0fac2e4500dabe0009e67214ff5f5447ce83dd";

function workflow(step: string, permissions = "contents: read"): string {
  return `on: push\npermissions:\n  ${permissions}\njobs:\n  one:\n    runs-on: ubuntu-24.04\n` +
    `    steps:\n      - ${step}\n`;
}

function pins(text: string): string[] {
  return checkPins([{ path: "a.yml", text }]).map(({ text }) => text);
}

Deno.test("the workflows of this project are without findings", async () => {
  const files = readSources([".github/workflows"], [".yml"]);
  equal(files.length, 2);
  deepEqual([...await lintWorkflows(files), ...checkPins(files)], []);
});

Deno.test("lintWorkflows() finds an unknown event and an unknown property", async () => {
  const text = workflow("run: echo ${{ matrix.nothing }}").replace("on: push", "on: pusch");
  const findings = await lintWorkflows([{ path: "a.yml", text }]);
  deepEqual(findings.map(({ line }) => line), [1, 8]);
  match(findings[0]?.text ?? "", /unknown Webhook event "pusch"/);
});

Deno.test("checkPins() takes an action only by the hash of a commit and its release", () => {
  deepEqual(pins(workflow(`uses: actions/checkout@${HASH} # v6.0.2`)), []);
  for (const action of ["actions/checkout@v6", `actions/checkout@${HASH}`, "./local"]) {
    match(pins(workflow(`uses: ${action}`)).join(), /is not pinned/);
  }
});

Deno.test("checkPins() finds permissions for all jobs", () => {
  match(pins(workflow("run: true", "contents: write")).join(), /permissions/);
  match(pins(workflow("run: true", "contents: read\n  packages: write")).join(), /permissions/);
});
