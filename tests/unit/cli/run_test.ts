import assert from "node:assert/strict";
import { run } from "../../../src/cli/run.ts";
import { RunError } from "../../../src/core/errors.ts";
import { BrokenPipe } from "../../../src/core/standard_streams.ts";
import { commandOf, PIPE } from "./parsing.ts";
import type { Command, CommandLoaders, Rights } from "../../../src/cli/command.ts";
import { COMMANDS, loadersOf } from "../../support/commands.ts";

interface Behaviour {
  readonly record?: () => Promise<number>;
  readonly stats?: () => Promise<number>;
  /** What writing to standard output throws. */
  readonly stdoutFault?: Error;
}

/** Runs the program with commands that only note their options. */
async function runWith(args: readonly string[], behaviour: Behaviour = {}) {
  const calls: [name: string, options: unknown][] = [];
  const rights: Rights[] = [];
  let stdout = "";
  let stderr = "";
  const noting = (name: string, result?: () => Promise<number>): Command => ({
    ...commandOf(name),
    run: async (options) => {
      calls.push([name, options]);
      return await result?.() ?? 0;
    },
  });
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const code = await run(
    args,
    {
      commands: loadersOf([
        noting("record", behaviour.record),
        noting("stats", behaviour.stats),
        noting("check", () => Promise.resolve(3)),
        ...COMMANDS.filter(({ name }) => !["record", "stats", "check"].includes(name)),
      ]),
      takeRights: (wanted) => {
        assert.deepEqual(calls, [], "too late");
        rights.push(wanted);
        return Promise.resolve();
      },
      loadVersions: () => {
        assert.deepEqual(rights, [], "too late: what is compiled then is compiled in each run");
        return Promise.resolve(() => {
          calls.push(["version", null]);
          return Promise.resolve(0);
        });
      },
    },
    PIPE,
    {
      stdout: {
        writeSync: (bytes) => {
          if (behaviour.stdoutFault !== undefined) throw behaviour.stdoutFault;
          stdout += decode(bytes);
          return bytes.length;
        },
      },
      stderr: { writeSync: (bytes) => (stderr += decode(bytes), bytes.length) },
    },
  );
  return { code, calls, rights, stdout, stderr };
}

function failing(error: unknown): () => Promise<number> {
  return () => Promise.reject(error);
}

Deno.test("run() calls the command with its options and returns its exit code", async () => {
  const recorded = await runWith(["record", "-c", "7"], { record: () => Promise.resolve(130) });
  assert.equal(recorded.code, 130);
  assert.deepEqual(recorded.calls.map(([name]) => name), ["record"]);
  assert.equal((recorded.calls[0]?.[1] as { record: { count: number } }).record.count, 7);

  const reported = await runWith(["stats", "top"]);
  assert.equal(reported.code, 0);
  assert.deepEqual(reported.calls.map(([name]) => name), ["stats"]);
});

Deno.test("run() lists the interfaces for -D, whatever else record was told", async () => {
  for (const flag of ["-D", "--list-interfaces"]) {
    const { code, calls } = await runWith(["record", flag, "-i", "eth0"]);
    assert.deepEqual([code, calls], [0, [["record", { list: { json: false } }]]]);
  }
  const { calls } = await runWith(["record", "-D", "--json"]);
  assert.deepEqual(calls, [["record", { list: { json: true } }]]);
});

Deno.test("run() asks for the versions and prints nothing itself", async () => {
  for (const flag of ["-V", "--version"]) {
    const { code, stdout, stderr, calls } = await runWith([flag]);
    assert.deepEqual([code, stdout, stderr, calls], [0, "", "", [["version", null]]]);
  }
});

Deno.test("run() takes the rights of a command before it begins, and those once", async () => {
  const expected = [
    ["record", "kernel"],
    ["record -D", "kernel"],
    ["check", "kernel"],
    ["stats", "output"],
    ["-V", "files"],
    ["man", "none"],
  ] as const;
  for (const [line, wanted] of expected) {
    assert.deepEqual((await runWith(line.split(" "))).rights, [wanted], line);
  }
  for (const line of ["--help", "record -c 0"]) {
    assert.deepEqual((await runWith(line.split(" "))).rights, [], line);
  }
});

Deno.test("run() returns what check returns, and gives it its options", async () => {
  const { code, calls } = await runWith(["check", "-i", "eth0,eth1", "--json", "-v"]);
  const options = { interfaces: ["eth0", "eth1"], output: "traffic.parquet", json: true };
  assert.deepEqual([code, calls], [3, [["check", options]]]);
});

Deno.test("run() prints help that was asked for to standard output", async () => {
  const main = await runWith(["--help"]);
  assert.equal(main.code, 0);
  assert.equal(main.stderr, "");
  for (const args of [["-h"], ["help"], ["help", "help"]]) {
    assert.equal((await runWith(args)).stdout, main.stdout, args.join(" "));
  }
  for (const command of ["record", "stats", "recover", "check", "completion", "man"]) {
    const texts = [["help", command], [command, "--help"], [command, "-h"]].map(async (args) => {
      const { code, stdout } = await runWith(args);
      assert.equal(code, 0);
      return stdout;
    });
    const [first, ...others] = await Promise.all(texts);
    assert.match(first ?? "", new RegExp(`^  xdp-inspector ${command}( |$)`, "m"));
    assert.deepEqual(others, [first, first]);
  }
});

Deno.test("run() prints the help to standard error if nothing is asked for", async () => {
  const { code, stdout, stderr } = await runWith([]);
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.equal(stderr, (await runWith(["--help"])).stdout);
});

Deno.test("run() ends a wrong command line with 2 and calls nothing", async () => {
  const { code, stdout, stderr, calls } = await runWith(["record", "--count", "0"]);
  assert.deepEqual([code, stdout, calls], [2, "", []]);
  assert.equal(
    stderr,
    'xdp-inspector: Cannot use "0" for --count: it is less than 1\n' +
      "  Leave --count out to record without this limit\n",
  );
});

Deno.test("run() shows the causes of a failed command with -v only", async () => {
  const error = new RunError("Cannot attach", { cause: new Error("EBUSY") });
  for (const command of ["record", "stats"] as const) {
    const plain = await runWith([command], { [command]: failing(error) });
    assert.deepEqual([plain.code, plain.stderr], [1, "xdp-inspector: Cannot attach\n"]);
    const verbose = await runWith([command, "-v"], { [command]: failing(error) });
    assert.equal(verbose.stderr, "xdp-inspector: Cannot attach\n  caused by Error: EBUSY\n");
  }
});

Deno.test("run() calls an unexpected error a defect and ends with 1", async () => {
  const { code, stderr } = await runWith(["stats"], { stats: failing(new TypeError("oops")) });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^xdp-inspector: Internal error: oops\n {2}This is a defect, please report it/,
  );
  assert.doesNotMatch(stderr, /\bat /);
});

Deno.test("run() ends quietly when the reader of standard output has gone", async () => {
  const command = await runWith(["stats"], { stats: failing(new BrokenPipe()) });
  assert.deepEqual([command.code, command.stderr], [0, ""]);
  const fault = new Deno.errors.BrokenPipe("Broken pipe (os error 32)");
  const help = await runWith(["--help"], { stdoutFault: fault });
  assert.deepEqual([help.code, help.stderr], [0, ""]);
});

Deno.test("run() ends with 1 when standard output cannot be written", async () => {
  const stdoutFault = new Error("No space left on device (os error 28)");
  const { code, stderr } = await runWith(["man"], { stdoutFault });
  assert.equal(code, 1);
  assert.equal(
    stderr,
    "xdp-inspector: Cannot write to standard output: no space left on device\n",
  );
});

Deno.test("run() loads the command that is named, and the others where they know what was meant", async () => {
  const loaded: string[] = [];
  const commands: CommandLoaders = new Map(COMMANDS.map((command) => {
    const run = () => 0;
    return [command.name, () => {
      loaded.push(command.name);
      return Promise.resolve({ ...command, run });
    }];
  }));
  const streams = {
    stdout: { writeSync: (bytes: Uint8Array) => bytes.length },
    stderr: { writeSync: (bytes: Uint8Array) => bytes.length },
  };
  const program = {
    commands,
    takeRights: () => Promise.resolve(),
    loadVersions: () => Promise.resolve(() => Promise.resolve(0)),
  };
  const loads = async (...args: string[]) => {
    loaded.length = 0;
    await run(args, program, PIPE, streams);
    return [...new Set(loaded)];
  };
  const all = COMMANDS.map(({ name }) => name);
  assert.deepEqual(await loads("stats", "top"), ["stats"]);
  assert.deepEqual(await loads("stats", "--help"), ["stats"]);
  assert.deepEqual(await loads("schema", "--list-interfaces"), [
    "schema",
    ...all.filter((name) => name !== "schema"),
  ]);
  assert.deepEqual(await loads("--version"), []);
  assert.deepEqual(await loads("stat"), all);
  assert.deepEqual(await loads(), all);
});
