import assert from "node:assert/strict";
import { readSources } from "../../checks/findings.ts";
import { checkLayers } from "../../checks/layers.ts";

/** The findings for a project of the given files, as `path:line: text`. */
function check(files: Readonly<Record<string, string>>): string[] {
  return checkLayers(Object.entries(files).map(([path, text]) => ({ path, text })))
    .map(({ path, line, text }) => `${path}${line === undefined ? "" : `:${line}`}: ${text}`);
}

Deno.test("checkLayers() finds nothing wrong with this project", () => {
  assert.deepEqual(checkLayers(readSources(["src", "ffi", "bpf"], [".ts", ".c", ".h"])), []);
});

Deno.test("checkLayers() allows imports downwards, beside and of packages", () => {
  assert.deepEqual(
    check({
      "src/main.ts": 'import "./cli/a.ts"; const load = () => import("./commands/b.ts");',
      "src/cli/a.ts": 'import { x } from "../core/a.ts";\nimport "commander";\nimport "node:path";',
      "src/core/a.ts":
        'export * from "./b.ts"; import c from "../../deno.json" with { type: "json" };',
      "src/core/b.ts": "export const x = 1;",
      "src/commands/b.ts":
        'import type { X } from "../cli/a.ts"; import { y } from "../../ffi/mod.ts";',
      "ffi/mod.ts": 'export const y = () => Deno.dlopen("x", {});',
    }),
    [],
  );
});

Deno.test("checkLayers() finds an import upwards, however it is written", () => {
  const texts = [
    'import { x } from "../contract/x.ts";',
    'import type { x } from "../contract/x.ts";',
    'import * as x from "../contract/x.ts";',
    'import "../contract/x.ts";',
    'export * from "../contract/x.ts";',
    'export type { x } from "../contract/x.ts";',
    'const x = await import("../contract/x.ts");',
    'new Worker(new URL("../contract/x.ts", import.meta.url));',
  ];
  for (const text of texts) {
    assert.deepEqual(
      check({ "src/core/a.ts": text }),
      ['src/core/a.ts:1: imports "src/contract/x.ts" upwards, from rank 0 to 1'],
      text,
    );
  }
});

Deno.test("checkLayers() finds imports in a circle between files", () => {
  assert.deepEqual(
    check({
      "src/core/a.ts": 'import "./b.ts";',
      "src/core/b.ts": 'import "./c.ts";',
      "src/core/c.ts": 'import "./a.ts";',
    }),
    [
      "src/core/a.ts: imports in a circle: " +
      "src/core/a.ts -> src/core/b.ts -> src/core/c.ts -> src/core/a.ts",
    ],
  );
});

Deno.test("checkLayers() finds imports in a circle between directories of one rank", () => {
  assert.deepEqual(
    check({
      "src/drain/a.ts": 'import "../attach/a.ts";',
      "src/attach/a.ts": "",
      "src/attach/b.ts": 'import "../drain/b.ts";',
      "src/drain/b.ts": "",
    }),
    ["src/drain: imports in a circle: src/drain -> src/attach -> src/drain"],
  );
});

Deno.test("checkLayers() finds native memory outside ffi/", () => {
  assert.deepEqual(
    check({
      "src/drain/a.ts": "const a = 1;\nconst x: Deno.UnsafePointer = y;",
      "src/drain/b.ts": "new Deno.UnsafePointerView(x);",
      "src/drain/c.ts": "new Deno.UnsafeCallback(x);",
      "src/drain/d.ts": 'Deno.dlopen("libbpf.so.1", {});',
      "ffi/a.ts": "new Deno.UnsafePointerView(x);",
    }),
    [
      "src/drain/a.ts:2: Deno.UnsafePointer outside ffi/",
      "src/drain/b.ts:1: Deno.UnsafePointerView outside ffi/",
      "src/drain/c.ts:1: Deno.UnsafeCallback outside ffi/",
      "src/drain/d.ts:1: Deno.dlopen outside ffi/",
    ],
  );
});

Deno.test("checkLayers() finds code that ends the process, outside src/main.ts", () => {
  assert.deepEqual(
    check({
      "src/main.ts": "Deno.exit(0);",
      "src/sinks/worker.ts": "// Deno.exit() is for main\nDeno.exit(1);",
      "ffi/a.ts": "process.exit(1);",
    }),
    [
      "src/sinks/worker.ts:2: only src/main.ts may end the process",
      "ffi/a.ts:1: only src/main.ts may end the process",
    ],
  );
});

Deno.test("checkLayers() finds the console", () => {
  const found = check({ "src/core/a.ts": 'const text = "console.log";\nconsole.error(text);' });
  assert.deepEqual(found, ["src/core/a.ts:2: console writes past the output functions"]);
});

Deno.test("checkLayers() finds files of more than 400 lines, C too", () => {
  assert.deepEqual(
    check({ "bpf/a.h": "x\n".repeat(401), "src/core/a.ts": "x;\n".repeat(400) }),
    ["bpf/a.h: 401 lines, more than 400"],
  );
});

Deno.test("checkLayers() finds names that say nothing", () => {
  const found = check({ "src/core/utils.ts": "", "bpf/common.h": "", "ffi/misc.ts": "" });
  assert.deepEqual(found.map((text) => text.split(":")[0]), [
    "src/core/utils.ts",
    "bpf/common.h",
    "ffi/misc.ts",
  ]);
});

Deno.test("checkLayers() finds directories without a rank", () => {
  assert.deepEqual(
    check({ "src/new/a.ts": "", "src/core/a.ts": 'import "../../tests/support/a.ts";' }),
    [
      "src/new/a.ts: its directory has no rank in this check",
      'src/core/a.ts:1: imports "tests/support/a.ts", not a layer',
    ],
  );
});

Deno.test("checkLayers() finds reports that load the capture, by whatever detour", () => {
  const files = {
    "src/query/a.ts": 'import "../sinks/a.ts";',
    "src/sinks/a.ts": 'import "../../ffi/a.ts";',
    "ffi/a.ts": "",
  };
  assert.deepEqual(check(files), ["src/query/a.ts: loads src/sinks/a.ts -> ffi/a.ts"]);
  const worker = 'new Worker(new URL("../../ffi/a.ts", import.meta.url));';
  assert.deepEqual(
    check({ ...files, "src/sinks/a.ts": worker }),
    ["src/query/a.ts: loads src/sinks/a.ts -> ffi/a.ts"],
  );
  // Types are gone when the program runs.
  assert.deepEqual(
    check({ ...files, "src/sinks/a.ts": 'import type { A } from "../../ffi/a.ts";' }),
    [],
  );
});

Deno.test("checkLayers() finds commands that are loaded before they are asked for", () => {
  const files = {
    "src/main.ts": 'import "./commands/stats.ts";',
    "src/commands/stats.ts": 'await import("./stats/run.ts");',
    "src/commands/stats/run.ts": "",
  };
  assert.deepEqual(check(files), []);
  assert.deepEqual(
    check({ ...files, "src/commands/stats.ts": 'import "./stats/run.ts";' }),
    ["src/main.ts: loads src/commands/stats.ts -> src/commands/stats/run.ts"],
  );
  assert.deepEqual(
    check({ ...files, "src/commands/stats.ts": 'import "../query/a.ts";', "src/query/a.ts": "" }),
    ["src/main.ts: loads src/commands/stats.ts -> src/query/a.ts"],
  );
});

Deno.test("checkLayers() finds imports that deno compile or the lock file would miss", () => {
  assert.deepEqual(
    check({ "src/core/a.ts": 'await import(name);\nimport "npm:commander@15";' }),
    [
      "src/core/a.ts:1: a dynamic import that is no literal",
      'src/core/a.ts:2: "npm:commander@15" belongs into the imports of deno.json',
    ],
  );
});
