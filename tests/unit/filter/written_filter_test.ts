import assert from "node:assert/strict";

import { RunError, UsageError } from "../../../src/core/errors.ts";
import { checkFilter, loadFilter } from "../../../src/filter/written_filter.ts";
import { parseFilter } from "../../../src/filter/parser.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

const HOSTS: Readonly<Record<string, readonly string[]>> = {
  "web.example": ["192.0.2.1", "2001:db8::1"],
  db: ["192.0.2.2"],
};

function lookUp(name: string): Promise<readonly string[]> {
  const found = HOSTS[name];
  return found === undefined ? Promise.reject(new RunError(`no ${name}`)) : Promise.resolve(found);
}

function written(text: string, resolve = false) {
  return { text, file: null, resolve };
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof UsageError || error instanceof RunError, String(error));
    return error.message;
  }
  throw new assert.AssertionError({ message: "it was taken" });
}

Deno.test("loadFilter() puts addresses in the place of names when they are looked up", async () => {
  const text = "host web.example and not (db or web.example) or tcp port http";
  const loaded = await loadFilter(written(text, true), lookUp);
  const expected = "host (192.0.2.1 or 2001:db8::1) and not " +
    "(192.0.2.2 or (192.0.2.1 or 2001:db8::1)) or tcp port http";
  assert.equal(loaded.text, expected);
  assert.deepEqual(loaded.condition, parseFilter(expected));
});

Deno.test("loadFilter() tells the place in what was written when names before it were looked up", async () => {
  const text = "host web.example and prt 80";
  assert.equal(
    await refusal(loadFilter(written(text, true), lookUp)),
    `Cannot use the filter "${text}": unknown word "prt" at column 22`,
  );
});

Deno.test("loadFilter() looks nothing up when it was not asked to", async () => {
  const never = () => Promise.reject(new Error("looked up"));
  assert.match(
    await refusal(loadFilter(written("host db"), never)),
    /looked up only with --resolve: "db" at column 6$/,
  );
});

Deno.test("loadFilter() knows all names of ports that IANA does", async () => {
  checkFilter(written("port no-such-port"));
  const { condition } = await loadFilter(written("tcp port sgmp or iscsi-target"));
  const numbers = JSON.stringify(condition).match(/"value":(153|3260)\b/g);
  assert.deepEqual(numbers?.length, 4);
  assert.equal(
    await refusal(loadFilter(written("port no-such-port"))),
    'Cannot use the filter "port no-such-port": no port has the name "no-such-port" at column 6',
  );
});

Deno.test("loadFilter() asks the system for names", async () => {
  const { text } = await loadFilter(written("host localhost", true));
  assert.match(text, /127\.0\.0\.1|::1/);
});

Deno.test("loadFilter() reads a file, with comments, and tells lines", async () => {
  using directory = TempDirectory.create();
  const file = directory.file("filter");
  Deno.writeTextFileSync(file, "# the web\ntcp port 80 # or\n  or 443\n");
  const loaded = await loadFilter({ text: null, file, resolve: false });
  assert.equal(loaded.text, "tcp port 80 or 443");
  Deno.writeTextFileSync(file, "tcp port 80\n  or prt 443\n");
  assert.equal(
    await refusal(loadFilter({ text: null, file, resolve: false })),
    `Cannot use the filter in "${file}": unknown word "prt" at line 2, column 6`,
  );
  Deno.writeTextFileSync(file, "#\n");
  assert.match(
    await refusal(loadFilter({ text: null, file, resolve: false })),
    /: there is nothing, at column 1$/,
  );
});

Deno.test("loadFilter() refuses a file that is missing or without end", async () => {
  const from = (file: string) => loadFilter({ text: null, file, resolve: false });
  assert.equal(
    await refusal(from("/nowhere")),
    'Cannot read "/nowhere": no such file or directory',
  );
  assert.equal(
    await refusal(from("/dev/zero")),
    'Cannot read "/dev/zero": a filter has at most 1 MiB',
  );
});

Deno.test("checkFilter() refuses what cannot be understood, and waits for what is looked up", () => {
  checkFilter(written("tcp"));
  checkFilter(written("host db", true));
  checkFilter({ text: null, file: "/nowhere", resolve: false });
  assert.throws(() => checkFilter(written("tcp prt")), {
    message: 'Cannot use the filter "tcp prt": unknown word "prt" at column 5',
  });
  const long = `host ${"10.0.0.1 or ".repeat(100)}x y`;
  assert.throws(
    () => checkFilter(written(long)),
    /^UsageError: Cannot use the filter "host 10\.0\.0\.1 or [0-9. or]+ \.\.\. [0-9. or]+ or x y" \(1,208 characters\): unknown word "x" at column 1206$/,
  );
});
