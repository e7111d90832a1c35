import assert from "node:assert/strict";
import { readSources } from "../../checks/findings.ts";
import { checkFiles, checkImports } from "../../checks/layers.ts";
import { type Import, moduleGraph } from "../../checks/module_graph.ts";

type Edges = Readonly<Record<string, readonly (string | Import)[]>>;

/** The findings for modules and what each of them imports, as `path: text`. */
function check(edges: Edges): string[] {
  const modules = Object.entries(edges).map(([path, imports]) => ({
    path,
    imports: imports.map((one): Import =>
      typeof one === "string" ? { target: one, kind: "static" } : one
    ),
  }));
  return checkImports(modules).map(({ path, text }) => `${path}: ${text}`);
}

Deno.test("checkFiles() and checkImports() find nothing wrong with this project", async () => {
  assert.deepEqual(checkFiles(readSources(["src", "ffi", "bpf"], [".ts", ".c", ".h"])), []);
  assert.deepEqual(checkImports(await moduleGraph(["src", "ffi"])), []);
});

Deno.test("moduleGraph() tells static, type, dynamic and worker imports apart", async () => {
  const modules = await moduleGraph(["src", "ffi"]);
  const kinds = (path: string, target: string) =>
    modules.find((one) => one.path === path)?.imports
      .filter((one) => one.target === target).map(({ kind }) => kind);
  assert.deepEqual(kinds("src/sources/live_capture.ts", "ffi/mod.ts"), ["static"]);
  assert.deepEqual(kinds("src/recorder/recording.ts", "src/sources/batch_source.ts"), ["type"]);
  assert.deepEqual(kinds("src/sources/live_capture.ts", "src/drain/drain_worker.ts"), ["worker"]);
  assert.deepEqual(kinds("src/sinks/open_sinks.ts", "src/sinks/arrow_stream.ts"), ["dynamic"]);
});

Deno.test("checkImports() allows imports downwards and beside", () => {
  assert.deepEqual(
    check({
      "src/main.ts": ["src/cli/a.ts", { target: "src/commands/b.ts", kind: "dynamic" }],
      "src/cli/a.ts": ["src/core/a.ts"],
      "src/core/a.ts": ["src/core/b.ts", "deno.json"],
      "src/core/b.ts": [],
      "src/commands/b.ts": ["src/cli/a.ts", "ffi/mod.ts"],
      "ffi/mod.ts": [],
    }),
    [],
  );
});

Deno.test("checkImports() finds an import upwards, of every kind", () => {
  for (const kind of ["static", "type", "dynamic", "worker"] as const) {
    assert.deepEqual(
      check({ "src/core/a.ts": [{ target: "src/contract/x.ts", kind }] }),
      ['src/core/a.ts: imports "src/contract/x.ts" upwards, from rank 0 to 1'],
      kind,
    );
  }
});

Deno.test("checkImports() finds imports in a circle between files", () => {
  assert.deepEqual(
    check({
      "src/core/a.ts": ["src/core/b.ts"],
      "src/core/b.ts": ["src/core/c.ts"],
      "src/core/c.ts": ["src/core/a.ts"],
    }),
    [
      "src/core/a.ts: imports in a circle: " +
      "src/core/a.ts -> src/core/b.ts -> src/core/c.ts -> src/core/a.ts",
    ],
  );
});

Deno.test("checkImports() finds imports in a circle between directories of one rank", () => {
  assert.deepEqual(
    check({
      "src/drain/a.ts": ["src/attach/a.ts"],
      "src/attach/a.ts": [],
      "src/attach/b.ts": ["src/drain/b.ts"],
      "src/drain/b.ts": [],
    }),
    ["src/drain: imports in a circle: src/drain -> src/attach -> src/drain"],
  );
});

Deno.test("checkImports() finds directories without a rank", () => {
  assert.deepEqual(
    check({ "src/new/a.ts": [], "src/core/a.ts": ["tests/support/a.ts"] }),
    [
      "src/new/a.ts: its directory has no rank in this check",
      'src/core/a.ts: imports "tests/support/a.ts", not a layer',
    ],
  );
});

Deno.test("checkImports() finds reports that load the capture, by whatever detour", () => {
  const found = ["src/query/a.ts: loads src/sinks/a.ts -> ffi/a.ts"];
  const detour = (kind: Import["kind"]) =>
    check({
      "src/query/a.ts": ["src/sinks/a.ts"],
      "src/sinks/a.ts": [{ target: "ffi/a.ts", kind }],
      "ffi/a.ts": [],
    });
  assert.deepEqual(detour("static"), found);
  assert.deepEqual(detour("worker"), found);
  // Types are gone when the program runs.
  assert.deepEqual(detour("type"), []);
});

Deno.test("checkImports() finds a recorder that knows more than the interface of its source", () => {
  assert.deepEqual(
    check({
      "src/recorder/a.ts": ["src/sources/live_capture.ts"],
      "src/sources/live_capture.ts": ["src/drain/a.ts"],
      "src/drain/a.ts": [],
      "src/recorder/b.ts": ["src/sources/batch_source.ts"],
      "src/sources/batch_source.ts": [],
    }),
    ["src/recorder/a.ts: loads src/sources/live_capture.ts"],
  );
});

Deno.test("checkImports() finds commands that are loaded before they are asked for", () => {
  const files = {
    "src/main.ts": ["src/commands/stats.ts"],
    "src/commands/stats.ts": [{ target: "src/commands/stats/run.ts", kind: "dynamic" as const }],
    "src/commands/stats/run.ts": [],
  };
  assert.deepEqual(check(files), []);
  assert.deepEqual(
    check({ ...files, "src/commands/stats.ts": ["src/commands/stats/run.ts"] }),
    ["src/main.ts: loads src/commands/stats.ts -> src/commands/stats/run.ts"],
  );
  assert.deepEqual(
    check({ ...files, "src/commands/stats.ts": ["src/query/a.ts"], "src/query/a.ts": [] }),
    ["src/main.ts: loads src/commands/stats.ts -> src/query/a.ts"],
  );
});

Deno.test("checkFiles() finds files of more than 400 lines, C too", () => {
  const found = checkFiles([
    { path: "bpf/a.h", text: "x\n".repeat(401) },
    { path: "src/core/a.ts", text: "x;\n".repeat(400) },
  ]);
  assert.deepEqual(found, [{ path: "bpf/a.h", text: "401 lines, more than 400" }]);
});

Deno.test("checkFiles() finds names that say nothing", () => {
  const paths = ["src/core/utils.ts", "bpf/common.h", "ffi/misc.ts"];
  const found = checkFiles(paths.map((path) => ({ path, text: "" })));
  assert.deepEqual(found.map(({ path }) => path), paths);
});
