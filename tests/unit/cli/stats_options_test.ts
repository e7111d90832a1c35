import assert from "node:assert/strict";
import { called, refuses, stats } from "./parsing.ts";
import type { StatsOptions } from "../../../src/cli/stats_options.ts";
import { listChoices } from "../../../src/cli/flag.ts";
import { FORMATS } from "../../../src/render/formats.ts";
import { EVERYTHING, type Selection } from "../../../src/query/selection.ts";
import { REPORTS } from "../../../src/reports/all.ts";

const DEFAULTS: StatsOptions = {
  report: "summary",
  files: ["traffic.parquet"],
  selection: EVERYTHING,
  limit: null,
  format: "table",
};

const MIDNIGHT = { text: "2026-11-23", kind: "instant", ns: 1795392000000000000n } as const;

/** Each spelling of each flag and each report, and the one setting that it changes. */
const CHANGES: readonly (readonly [args: string[], change: Partial<StatsOptions>])[] = [
  [["summary"], {}],
  [["top"], { report: "top" }],
  [["flows"], { report: "flows" }],
  [["traffic"], { report: "traffic" }],
  [["-f", "a"], { files: ["a"] }],
  [["--file", "a,b"], { files: ["a,b"] }],
  [["-r", "a"], { files: ["a"] }],
  [["--read", "a"], { files: ["a"] }],
  [["-f", "b", "--read", "a", "-f", "c"], { files: ["b", "a", "c"] }],
  [["-n", "5"], { limit: 5 }],
  [["--limit", "0"], { limit: 0 }],
  [["--timeout", "1m"], { timeoutMs: 60_000 }],
  [["--timeout", "0"], { timeoutMs: 0 }],
  [["--format", "table"], {}],
  [["--format", "json"], { format: "json" }],
  [["--format", "ndjson"], { format: "ndjson" }],
  [["--format=csv"], { format: "csv" }],
  [["--json"], { format: "json" }],
  [["--json", "--format", "json"], { format: "json" }],
  [["a.parquet"], { files: ["a.parquet"] }],
  [["a.parquet", "dir/b", "*"], { files: ["a.parquet", "dir/b", "*"] }],
  [["top", "a.parquet"], { report: "top", files: ["a.parquet"] }],
  [["a.parquet", "top"], { report: "top", files: ["a.parquet"] }],
  [["-f", "a", "b.parquet"], { files: ["a", "b.parquet"] }],
  [["--from", "2026-11-23"], selecting({ from: MIDNIGHT })],
  [
    ["--from", "-5m"],
    selecting({ from: { text: "-5m", kind: "before end", ns: 300_000_000_000n } }),
  ],
  [["--to", "2026-11-23"], selecting({ to: MIDNIGHT })],
  [["--from", "1970-01-01", "--from", "2026-11-23"], selecting({ from: MIDNIGHT })],
  [["--to", "+10s"], selecting({ to: { text: "+10s", kind: "after start", ns: 10_000_000_000n } })],
  [["-i", "eth0"], selecting({ interfaces: ["eth0"] })],
  [["-i", "eth0,lo", "--interface", "lo,eth1"], selecting({ interfaces: ["eth0", "lo", "eth1"] })],
  [["-Q", "in"], selecting({ direction: "in" })],
  [["--direction", "egress"], selecting({ direction: "out" })],
  [["-Q", "ingress"], selecting({ direction: "in" })],
  [["-Q", "inout"], {}],
  [["--where", "ttl < 5"], selecting({ where: "ttl < 5" })],
];

function selecting(part: Partial<Selection>): Partial<StatsOptions> {
  return { selection: { ...EVERYTHING, ...part } };
}

Deno.test("stats without words has the documented defaults", () => {
  assert.deepEqual(stats(), DEFAULTS);
});

for (const [args, change] of CHANGES) {
  Deno.test(`stats ${args.join(" ")} changes ${Object.keys(change).join() || "nothing"} only`, () => {
    assert.deepEqual(stats(...args), { ...DEFAULTS, ...change });
  });
}

Deno.test("stats finds the report before and behind the flags", () => {
  assert.equal(stats("top", "-n", "5").report, "top");
  assert.equal(stats("-n", "5", "top").report, "top");
});

Deno.test("stats takes the files that a shell makes of a glob behind -f", () => {
  const files = ["a.parquet", "b.parquet", "dir/c"];
  assert.deepEqual(stats("top", "-f", ...files), { ...DEFAULTS, report: "top", files });
  assert.deepEqual(stats("-f", ...files, "top"), { ...DEFAULTS, report: "top", files });
});

Deno.test("stats --verbose asks for the causes of errors", () => {
  for (const flag of ["-v", "--verbose"]) {
    assert(called(["stats", flag]).verbose);
  }
});

Deno.test("stats names the reports for an unknown one", () => {
  const hint = `Reports: ${listChoices(REPORTS.map(({ name }) => name))}`;
  refuses(["stats", "bogus"], 'Unknown report "bogus"', hint);
  refuses(["stats", ""], 'Unknown report ""', hint);
});

Deno.test("stats offers the near report for a mistyped one, also beside files", () => {
  refuses(["stats", "flow"], 'Unknown report "flow"', 'Did you mean "flows"?');
  refuses(["stats", "tpo", "-f", "a.parquet"], 'Unknown report "tpo"', 'Did you mean "top"?');
});

Deno.test("stats takes the name of a file that exists for a file, unless it is a report", () => {
  const exists = (path: string) => ["flow", "top", "flows"].includes(path);
  const written = (...args: string[]) => called(["stats", ...args], { exists }).options;
  assert.deepEqual(written("flow"), { ...DEFAULTS, files: ["flow"] });
  assert.deepEqual(written("top"), { ...DEFAULTS, report: "top" });
  const hint = 'Name one report; for the file, "./flows"';
  const message = 'Cannot print the report "flows" together with "top"';
  refuses(["stats", "top", "flows"], message, hint, { exists });
});

Deno.test("stats refuses --json together with another format", () => {
  const message = "Cannot use --json together with --format csv";
  refuses(["stats", "--json", "--format", "csv"], message, "Leave one of them out");
});

Deno.test("stats refuses two reports", () => {
  const message = 'Cannot print the report "flows" together with "top"';
  refuses(["stats", "top", "flows"], message, "Name one report");
});

Deno.test("stats refuses values that cannot be used", () => {
  const cases: [args: string[], message: string, hint: string][] = [
    [["-n", "-1"], 'Cannot use "-1" for --limit: it is less than 0', 'Write "0" for all rows'],
    [
      ["-n", "many"],
      'Cannot use "many" for --limit: it is not a whole number',
      'Write a number in digits, as in "1000"',
    ],
    [
      ["--format", "xml"],
      'Cannot use "xml" for --format: there is no such choice',
      `Choose ${listChoices(FORMATS.map(({ name }) => name))}`,
    ],
    [["-f", ""], 'Cannot use "" for --file: it is empty', "Name a file"],
  ];
  for (const [args, message, hint] of cases) refuses(["stats", ...args], message, hint);
});

Deno.test("stats refuses what selects nothing in any recording, and a condition that would get lost", () => {
  refuses(
    ["stats", "--from", "2026-11-24", "--to", "2026-11-23"],
    'Cannot select from "2026-11-24" to "2026-11-23": the end is earlier',
    "Exchange the two times",
  );
  const condition = ["--where", "ttl < 5"];
  refuses(
    ["stats", ...condition, ...condition],
    "Cannot use --where twice",
    "Join the conditions with AND",
  );
  const example = 'Write a condition, as in "destination_port = 443"';
  refuses(["stats", "--where", " "], 'Cannot use " " for --where: it is empty', example);
  const names = 'Write names as in "eth0" or "eth0,eth1"';
  refuses(["stats", "-i", "eth0,"], 'Cannot use "eth0," for --interface: a name is empty', names);
  const times = 'Write it as in "2026-11-23T14:00:00", "14:00", "-5m" (before the end) or "+10s"';
  refuses(["stats", "--to", "noon"], 'Cannot use "noon" for --to: it is not a time', times);
});
