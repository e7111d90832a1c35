/**
 * Holds the structure of the project: imports lead downwards and never in circles, reports load
 * nothing of the capture, files stay small.
 *
 *     deno run -A tests/checks/layers.ts
 *
 * @module
 */
import { type Finding, finish, readSources, type SourceFile } from "./findings.ts";
import { type Import, type Module, moduleGraph } from "./module_graph.ts";

/** Rank of each directory: imports lead to the same directory, or to an equal or lower rank. */
const RANKS: Readonly<Record<string, number>> = {
  "src/core": 0,
  "src/contract": 1,
  "ffi": 1,
  "src/filter": 2,
  "src/batch": 2,
  "src/parquet": 2,
  "src/attach": 3,
  "src/drain": 3,
  "src/sources": 4,
  "src/sinks": 4,
  "src/recorder": 5,
  "src/query": 5,
  "src/reports": 6,
  "src/render": 6,
  "src/preflight": 6,
  "src/cli": 7,
  "src/commands": 8,
  "src/main.ts": 9,
};

/** Where reports are made nothing may be loaded, by whatever detour, that needs libbpf or root. */
const WITHOUT_CAPTURE = ["src/query/", "src/reports/", "src/render/", "src/commands/stats"];
const CAPTURE = [
  "ffi/",
  "src/attach/",
  "src/drain/",
  "src/sources/",
  "src/recorder/",
];
/** A recording knows its source and its sinks by their interfaces only. */
const RECORDER = "src/recorder/";
const NOT_IN_RECORDER = [
  "ffi/",
  "src/attach/",
  "src/drain/",
  "src/parquet/",
  "src/sinks/segments/",
  "src/sources/capture_session.ts",
  "src/sources/live_capture.ts",
];
/** What is loaded before the command is known stays small. */
const STARTUP = "src/main.ts";
const NOT_AT_STARTUP = [
  ...CAPTURE,
  "src/batch/",
  "src/parquet/",
  "src/preflight/",
  "src/query/",
  "src/sinks/",
];
/** What a command needs when it runs; the commands themselves are a list of small files. */
const COMMAND_ROOM = /^src\/commands\/[^/]+\//;

const MAX_LINES = 400;
const VAGUE_NAME = /(^|\/)(utils?|common|misc|helpers?)\.[a-z]+$/;

/** Holds the rules about single files. */
export function checkFiles(files: readonly SourceFile[]): Finding[] {
  return files.flatMap(checkFile);
}

/** Holds the rules about imports. */
export function checkImports(modules: readonly Module[]): Finding[] {
  return [
    ...modules.flatMap(checkRanks),
    ...findCycles(graph(modules, () => true, itself)),
    ...findCycles(graph(modules, () => true, directoryOf)),
    ...checkDetours(modules),
  ];
}

function checkFile({ path, text }: SourceFile): Finding[] {
  const findings: Finding[] = [];
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  if (lines > MAX_LINES) findings.push({ path, text: `${lines} lines, more than ${MAX_LINES}` });
  if (VAGUE_NAME.test(path)) {
    findings.push({ path, text: "the name does not say what the file owns" });
  }
  return findings;
}

function checkRanks({ path, imports }: Module): Finding[] {
  const rank = rankOf(path);
  if (rank === undefined) return [{ path, text: "its directory has no rank in this check" }];
  return imports.flatMap(({ target }) => {
    if (target === "deno.json") return [];
    const targetRank = rankOf(target);
    if (targetRank === undefined) return [{ path, text: `imports "${target}", not a layer` }];
    if (targetRank <= rank) return [];
    return [{ path, text: `imports "${target}" upwards, from rank ${rank} to ${targetRank}` }];
  });
}

/** Follows what is loaded at once: types are erased, dynamic imports come later. */
function checkDetours(modules: readonly Module[]): Finding[] {
  const loads = graph(
    modules,
    ({ kind }) => kind === "static" || kind === "worker",
    (path) => path,
  );
  return modules.flatMap(({ path }) => {
    const isReport = WITHOUT_CAPTURE.some((start) => path.startsWith(start));
    const routes = [
      isReport && findRoute(loads, path, (target) => beginsWith(target, CAPTURE)),
      path.startsWith(RECORDER) &&
      findRoute(loads, path, (target) => beginsWith(target, NOT_IN_RECORDER)),
      path === STARTUP &&
      findRoute(
        loads,
        path,
        (target) => beginsWith(target, NOT_AT_STARTUP) || COMMAND_ROOM.test(target),
      ),
    ];
    return routes.filter((route) => route !== false && route !== undefined)
      .map((route) => ({ path, text: `loads ${route.slice(1).join(" -> ")}` }));
  });
}

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** The groups of modules, and which other groups each one names. */
function graph(
  modules: readonly Module[],
  include: (one: Import) => boolean,
  groupOf: (path: string) => string,
): Graph {
  const edges = new Map<string, Set<string>>();
  for (const { path, imports } of modules) {
    const from = groupOf(path);
    const targets = edges.get(from) ?? new Set();
    edges.set(from, targets);
    for (const one of imports.filter(include)) {
      if (groupOf(one.target) !== from) targets.add(groupOf(one.target));
    }
  }
  return edges;
}

/** One finding for each set of modules that name each other in a circle. */
function findCycles(edges: Graph): Finding[] {
  const findings: Finding[] = [];
  const done = new Set<string>();
  const visit = (node: string, route: readonly string[]) => {
    const start = route.indexOf(node);
    if (start >= 0) {
      const circle = [...route.slice(start), node].join(" -> ");
      findings.push({ path: node, text: `imports in a circle: ${circle}` });
      return;
    }
    if (done.has(node)) return;
    for (const next of edges.get(node) ?? []) visit(next, [...route, node]);
    done.add(node);
  };
  for (const node of edges.keys()) visit(node, []);
  return findings;
}

/** The shortest way from `start` to a path that is forbidden. */
function findRoute(
  edges: Graph,
  start: string,
  isForbidden: (path: string) => boolean,
): string[] | undefined {
  const routes = [[start]];
  const seen = new Set([start]);
  for (const route of routes) {
    for (const next of edges.get(route.at(-1) ?? "") ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      if (isForbidden(next)) return [...route, next];
      routes.push([...route, next]);
    }
  }
  return undefined;
}

function beginsWith(path: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => path.startsWith(prefix));
}

function rankOf(path: string): number | undefined {
  return RANKS[directoryOf(path)];
}

/** The part of the project that a file belongs to: `src/core`, `ffi`, `src/main.ts`. */
function directoryOf(path: string): string {
  const [top = "", second = ""] = path.split("/");
  return top === "src" ? `${top}/${second}` : top;
}

function itself(path: string): string {
  return path;
}

if (import.meta.main) {
  const files = readSources(["src", "ffi", "bpf"], [".ts", ".c", ".h"]);
  finish("layers", files.length, [
    ...checkFiles(files),
    ...checkImports(await moduleGraph(["src", "ffi"])),
  ]);
}
