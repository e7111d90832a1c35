import assert from "node:assert/strict";
import { NO_SERIES, type SeriesOptions } from "../../../src/cli/output_flags.ts";
import type { RecordOptions } from "../../../src/cli/record_options.ts";
import { UsageError } from "../../../src/core/errors.ts";
import { called, parse, record, refuses } from "./parsing.ts";

const DEFAULTS: RecordOptions = {
  interfaces: [],
  durationMs: 30_000,
  output: "traffic.parquet",
  count: null,
  program: null,
  direction: null,
  waits: false,
  filter: null,
  mode: "auto",
  sample: 1,
  bufferBytes: 64 * 2 ** 20,
  noClobber: false,
  force: false,
  groupRead: false,
  flushMs: 5000,
  onError: "stop",
  minFreeBytes: null,
  series: null,
  readyFile: null,
  user: null,
  verbosity: "normal",
  json: false,
};

/** What makes several files; then nothing but the user ends the recording. */
function series(change: Partial<SeriesOptions>): Partial<RecordOptions> {
  return { series: { ...NO_SERIES, ...change }, durationMs: 0 };
}

/** Each spelling of each flag, and the one setting that it changes. */
const CHANGES: readonly (readonly [args: string[], change: Partial<RecordOptions>])[] = [
  [["-i", "eth0"], { interfaces: ["eth0"] }],
  [["-ieth0"], { interfaces: ["eth0"] }],
  [["--interface", "eth0"], { interfaces: ["eth0"] }],
  [["--interface=eth0"], { interfaces: ["eth0"] }],
  [["-i", "eth0,eth1", "--interface", "lo"], { interfaces: ["eth0", "eth1", "lo"] }],
  [["-d", "1h30m"], { durationMs: 5_400_000 }],
  [["--duration", "0"], { durationMs: 0 }],
  [["-d", "60"], { durationMs: 60_000 }],
  [["-d", "1d"], { durationMs: 86_400_000 }],
  [["-o", "a.parquet"], { output: "a.parquet" }],
  [["--output", "-"], { output: "-" }],
  [["--output", "-a"], { output: "-a" }],
  [["-w", "a.parquet"], { output: "a.parquet" }],
  [["--write", "a.parquet"], { output: "a.parquet" }],
  [["-c", "5"], { count: 5 }],
  [["--sample", "1000"], { sample: 1000 }],
  [["--count", "9007199254740991"], { count: 9_007_199_254_740_991 }],
  [["-Q", "in"], { direction: "in" }],
  [["--direction", "out"], { direction: "out" }],
  [["-Q", "ingress"], { direction: "in" }],
  [["-Q", "egress"], { direction: "out" }],
  [["-Q", "inout"], { direction: "inout" }],
  [["-Q", "both"], { direction: "inout" }],
  [["--mode", "native"], { mode: "native" }],
  [["--mode", "generic"], { mode: "generic" }],
  [["--mode", "tc"], { mode: "tc" }],
  [["--buffer", "16M"], { bufferBytes: 16 * 2 ** 20 }],
  [["--no-clobber"], { noClobber: true }],
  [["--force"], { force: true }],
  [["--group-read"], { groupRead: true }],
  [["-C", "10MiB"], series({ rotateBytes: 10 * 2 ** 20 })],
  [["--rotate-size", "1GiB"], series({ rotateBytes: 2 ** 30 })],
  [["-G", "1h"], series({ rotateMs: 3_600_000 })],
  [["--rotate-interval", "60"], series({ rotateMs: 60_000 })],
  [["-W", "5"], series({ keepFiles: 5 })],
  [["--keep-files", "1"], series({ keepFiles: 1 })],
  [["--keep-size", "10GiB"], series({ keepBytes: 10 * 2 ** 30 })],
  [["-G", "1s"], series({ rotateMs: 1000 })],
  [["--keep-age", "100000d"], series({ keepAgeMs: 100_000 * 86_400_000 })],
  [["--keep-age", "90d"], series({ keepAgeMs: 90 * 86_400_000 })],
  [["--keep-age", "12h"], series({ keepAgeMs: 43_200_000 })],
  [["--hive"], series({ hive: true })],
  [["--on-close", "gzip -9"], series({ onClose: "gzip -9" })],
  [["--flush-interval", "2s"], { flushMs: 2000 }],
  [["--flush-interval", "0"], { flushMs: 0 }],
  [["--on-error", "drop"], { onError: "drop" }],
  [["--min-free", "0"], { minFreeBytes: 0 }],
  [["--min-free", "10MiB"], { minFreeBytes: 10 * 2 ** 20 }],
  [["--ready-file", "ready"], { readyFile: "ready" }],
  [["-q"], { verbosity: "quiet" }],
  [["--quiet"], { verbosity: "quiet" }],
  [["-v"], { verbosity: "verbose" }],
  [["--verbose"], { verbosity: "verbose" }],
  [["--", "ping", "-c", "3"], { program: ["ping", "-c", "3"], durationMs: 0 }],
  [["-d", "5s", "--", "-x", "--", "-y"], { program: ["-x", "--", "-y"], durationMs: 5_000 }],
  [["--json"], { json: true }],
  [["-qc5"], { verbosity: "quiet", count: 5 }],
];

Deno.test("record without flags has the documented defaults", () => {
  assert.deepEqual(record(), DEFAULTS);
});

for (const [args, change] of CHANGES) {
  Deno.test(`record ${args.join(" ")} changes ${Object.keys(change).join(", ")} only`, () => {
    assert.deepEqual(record(...args), { ...DEFAULTS, ...change });
  });
}

Deno.test("record takes the last of repeated flags, by whatever spelling", () => {
  assert.equal(record("-o", "a", "--write", "b").output, "b");
  assert.equal(record("-w", "a", "--output", "b").output, "b");
  assert.equal(record("-d", "1s", "-d", "2s").durationMs, 2_000);
});

Deno.test("record checks a value although a later one replaces it", () => {
  assert.throws(() => record("-d", "soon", "-d", "2s"), { name: "UsageError" });
});

Deno.test("record --verbose asks for the causes of errors", () => {
  const request = (...args: string[]) => called(["record", ...args]).verbose;
  assert.deepEqual([request("-v"), request("-q"), request()], [true, false, false]);
});

Deno.test("record refuses values that cannot be used, naming flag, value and reason", () => {
  const unitsHint = 'Write a number and a unit (ms, s, m, h, d), as in "500ms", "30s" or "1h30m"';
  const countHint = "Leave --count out to record without this limit";
  const digitsHint = 'Write a number in digits, as in "1000"';
  const nameHint = 'Write names as in "eth0" or "eth0,eth1"';
  const cases: [args: string[], message: string, hint: string][] = [
    [["-d", ""], 'Cannot use "" for --duration: it is empty', unitsHint],
    [["-d", "-5s"], 'Cannot use "-5s" for --duration: it is negative', unitsHint],
    [["-d", "1m30"], 'Cannot use "1m30" for --duration: "30" has no unit', 'Write "1m30s"'],
    [
      ["--sample", "10%"],
      'Cannot use "10%" for --sample: it is a share',
      'Write "10" to keep one packet in 10',
    ],
    [
      ["--sample", "0%"],
      'Cannot use "0%" for --sample: it is not a whole number',
      digitsHint,
    ],
    [
      ["--sample", "0"],
      'Cannot use "0" for --sample: it is less than 1',
      'Write "1" to keep every packet',
    ],
    [
      ["--sample", "4294967296"],
      'Cannot use "4294967296" for --sample: it is too large',
      "Use 4294967295 or less",
    ],
    [["-c", "0"], 'Cannot use "0" for --count: it is less than 1', countHint],
    [["-c", "-1"], 'Cannot use "-1" for --count: it is less than 1', countHint],
    [["-c", "1.5"], 'Cannot use "1.5" for --count: it is not a whole number', digitsHint],
    [["-c", ""], 'Cannot use "" for --count: it is empty', digitsHint],
    [
      ["-c", "9007199254740992"],
      'Cannot use "9007199254740992" for --count: it is too large',
      countHint,
    ],
    [
      ["--mode", "fast"],
      'Cannot use "fast" for --mode: there is no such choice',
      'Choose "auto", "native", "generic" or "tc"',
    ],
    [
      ["-Q", "up"],
      'Cannot use "up" for --direction: there is no such choice',
      'Choose "in", "out" or "inout"',
    ],
    [
      ["--buffer", "48M"],
      'Cannot use "48M" for --buffer: it is not a power of two',
      'Use "32MiB" or "64MiB"',
    ],
    ...[["--rotate-size", "0KiB"], ["--keep-size", "0MiB"], ["--keep-age", "0d"], [
      "--keep-age",
      "0s",
    ]]
      .map(([flag, text]): [string[], string, string] => [
        [flag!, text!],
        `Cannot use "${text}" for ${flag}: it is 0`,
        "Leave the flag out for no limit",
      ]),
    [
      ["--keep-files", "0"],
      'Cannot use "0" for --keep-files: it is less than 1',
      "Leave --keep-files out to keep all",
    ],
    [
      ["-G", "999ms"],
      'Cannot use "999ms" for --rotate-interval: it is shorter than 1s',
      'Write "1s" or more',
    ],
    [["-o", ""], 'Cannot use "" for --output: it is empty', "Name a file"],
    [["--ready-file", ""], 'Cannot use "" for --ready-file: it is empty', "Name a file"],
    [["-i", ""], 'Cannot use "" for --interface: a name is empty', nameHint],
    [["-i", "eth0,"], 'Cannot use "eth0," for --interface: a name is empty', nameHint],
  ];
  for (const [args, message, hint] of cases) refuses(["record", ...args], message, hint);
});

Deno.test("record refuses an interface that is named twice", () => {
  const message = 'Cannot record on "eth0" twice';
  refuses(["record", "-i", "eth0", "-i", "eth0"], message, "Name each interface once");
  refuses(["record", "-i", "eth0,eth1,eth0"], message, "Name each interface once");
});

Deno.test("record refuses --quiet together with --verbose", () => {
  const message = "Cannot use --quiet together with --verbose";
  refuses(["record", "-qv"], message, "Leave one of them out");
});

Deno.test("record refuses to write packets to a terminal", () => {
  const message = 'Cannot use "-" for --output: standard output is a terminal';
  const hint = "Name a file with --output, or send the output to a file or program";
  refuses(["record", "-o", "-"], message, hint, { stdoutIsTerminal: true });
  assert.equal(called(["record", "-o", "x"], { stdoutIsTerminal: true }).command, "record");
});

Deno.test("record refuses to keep and to replace a file at once", () => {
  const message = "Cannot use --no-clobber together with --force";
  refuses(["record", "--no-clobber", "--force"], message, "Leave one of them out");
});

Deno.test("record refuses two kinds of data on standard output", () => {
  const message = 'Cannot use --json together with "-" for --output: both are standard output';
  refuses(["record", "--json", "-o", "-"], message, "Name a file with --output");
});

Deno.test("record refuses one path for output and ready file", () => {
  const message = 'Cannot use "./a" for both --output and --ready-file';
  const hint = "Name another file with --ready-file";
  refuses(["record", "-o", "a", "--ready-file", "./a"], message, hint);
});

Deno.test("record refuses a word that is no filter, and shows where it belongs", () => {
  refuses(
    ["record", "eth0"],
    'Cannot use the filter "eth0": unknown word "eth0" at column 1',
    'Name an interface with -i: "xdp-inspector record -i eth0"',
  );
  refuses(
    ["record", "a.parquet"],
    'Cannot use the filter "a.parquet": unknown word "a.parquet" at column 1',
    'Name the file with -o: "xdp-inspector record -o a.parquet"',
  );
  refuses(
    ["record", "eth0,eth1"],
    'Cannot use the filter "eth0,eth1": there is no such sign as "," at column 5',
    'Name an interface with -i: "xdp-inspector record -i eth0,eth1"',
  );
  assert.throws(() => parse(["record", "host"]), (error) => {
    assert(error instanceof UsageError);
    assert.match(error.message, /something is missing behind "host"/);
    // It is a filter that was meant.
    assert.equal(error.hint, 'Write it as in "host 10.0.0.1"');
    return true;
  });
});

Deno.test("live shows where a word that is no filter belongs in its own words", () => {
  for (const [word, hint] of [["eth0", "-i eth0"], ["a.parquet", "-o a.parquet"]] as const) {
    refuses(
      ["live", word],
      `Cannot use the filter "${word}": unknown word "${word}" at column 1`,
      `Name ${
        hint.startsWith("-i") ? "an interface with -i" : "the file with -o"
      }: "xdp-inspector live ${hint}"`,
    );
  }
});

Deno.test("record takes words behind and between flags for a filter", () => {
  const filter = { text: "tcp port 80 or 443", file: null, resolve: false };
  const lines = [
    ["record", "tcp", "port", "80", "or", "443"],
    ["record", "tcp port 80 or 443"],
    ["record", "--filter", "tcp port 80 or 443"],
    ["record", "--filter=tcp port 80 or 443"],
  ];
  for (const line of lines) {
    assert.deepEqual(record(...line.slice(1)).filter, filter, line.join(" "));
  }
  const { interfaces, filter: both } = record("udp", "-i", "lan", "port", "53");
  assert.deepEqual([interfaces, both?.text], [["lan"], "udp port 53"]);
  const named = { text: null, file: "./f", resolve: true };
  assert.deepEqual(record("-F", "./f", "--resolve").filter, named);
  const program = record("icmp", "--", "ping", "host");
  assert.deepEqual([program.filter?.text, program.program], ["icmp", ["ping", "host"]]);
  assert.equal(record().filter, null);
});

Deno.test("record refuses two filters, and one that cannot be understood", () => {
  const leaveOut = "Leave one of them out";
  refuses(
    ["record", "udp", "--filter", "tcp"],
    'Cannot use "udp" together with --filter: both are a filter',
    leaveOut,
  );
  refuses(
    ["record", "--filter", "tcp", "-F", "f"],
    "Cannot use --filter together with --filter-file: both are a filter",
    leaveOut,
  );
  refuses(
    ["record", "--filter", "tcp", "--filter", "udp"],
    "Cannot use --filter twice",
    'Join the expressions with "and"',
  );
  refuses(
    ["record", "-i", "lan", "tcp", "prt", "80"],
    'Cannot use the filter "tcp prt 80": unknown word "prt" at column 5',
    'Did you mean "port"?',
  );
  refuses(
    ["stats", "--filter= "],
    'Cannot use " " for --filter: it is empty',
    'Write an expression, as in "tcp port 443"',
  );
  refuses(
    ["record", "--filter", "host a.example"],
    'Cannot use the filter "host a.example": names of hosts are looked up only with --resolve: ' +
      '"a.example" at column 6',
    "Write the address, or add --resolve",
  );
  refuses(
    ["stats", "--resolve"],
    "Cannot use --resolve without a filter",
    'Write "--filter" with an expression',
  );
});
