/**
 * Holds the structure of the project: imports lead downwards and never in circles, native memory
 * stays behind ffi/, one module ends the process, files stay small.
 *
 *     deno run -A tests/checks/layers.ts
 *
 * @module
 */
import { type Finding, finish, readSources, type SourceFile } from "./findings.ts";
import { findImports, type Import, resolveImport } from "./imports.ts";
import { matches, type Token, tokenize } from "./tokens.ts";

/** Rank of each directory: imports lead to the same directory, or to an equal or lower rank. */
const RANKS: Readonly<Record<string, number>> = {
  "src/core": 0,
  "src/contract": 1,
  "ffi": 1,
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
const WITHOUT_CAPTURE = ["src/query/", "src/reports/", "src/render/", "src/commands/stats.ts"];
const CAPTURE = [
  "ffi/",
  "src/attach/",
  "src/drain/",
  "src/sources/",
  "src/recorder/",
];
/** What is loaded before the command is known stays small. */
const STARTUP = "src/main.ts";
const NOT_AT_STARTUP = [...CAPTURE, "src/sinks/", "src/parquet/", "src/query/", "src/commands/"];

const MAX_LINES = 400;
const VAGUE_NAME = /(^|\/)(utils?|common|misc|helpers?)\.[a-z]+$/;
const NATIVE = [
  "dlopen",
  "UnsafePointer",
  "UnsafePointerView",
  "UnsafeCallback",
  "UnsafeFnPointer",
];

/** A module and the modules it names. */
interface Module {
  readonly path: string;
  readonly imports: readonly (Import & { readonly target: string | undefined })[];
}

/** Applies all rules to the given files. */
export function checkLayers(files: readonly SourceFile[]): Finding[] {
  // What lies beside the C sources is tooling and no part of the program.
  const scripts = files.filter(({ path }) => /^(src|ffi)\/.*\.ts$/.test(path));
  const tokensOf = new Map(scripts.map(({ path, text }) => [path, tokenize(text)]));
  const modules = scripts.map(({ path }): Module => ({
    path,
    imports: findImports(tokensOf.get(path) ?? []).map((one) => ({
      ...one,
      target: resolveImport(path, one.specifier),
    })),
  }));
  return [
    ...files.flatMap(checkFile),
    ...[...tokensOf].flatMap(([path, tokens]) => checkCode(path, tokens)),
    ...modules.flatMap(checkImports),
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

function checkCode(path: string, tokens: readonly Token[]): Finding[] {
  const found = (token: Token, text: string): Finding => ({ path, line: token.line, text });
  return tokens.flatMap((token, index) => {
    const member = tokens[index + 2]?.text ?? "";
    if (path !== "src/main.ts") {
      const ends = matches(tokens, index, ["Deno", ".", "exit"]) ||
        matches(tokens, index, ["process", ".", "exit"]);
      if (ends) return [found(token, "only src/main.ts may end the process")];
    }
    if (matches(tokens, index, ["console", "."])) {
      return [found(token, "console writes past the output functions")];
    }
    if (
      !path.startsWith("ffi/") && matches(tokens, index, ["Deno", "."]) && NATIVE.includes(member)
    ) {
      return [found(token, `Deno.${member} outside ffi/`)];
    }
    return [];
  });
}

function checkImports({ path, imports }: Module): Finding[] {
  const rank = rankOf(path);
  if (rank === undefined) return [{ path, text: "its directory has no rank in this check" }];
  return imports.flatMap(({ specifier, target, line }) => {
    if (specifier === "") return [{ path, line, text: "a dynamic import that is no literal" }];
    if (/^(npm|jsr|https?):/.test(specifier)) {
      return [{ path, line, text: `"${specifier}" belongs into the imports of deno.json` }];
    }
    if (target === undefined || target === "deno.json") return [];
    const targetRank = rankOf(target);
    if (targetRank === undefined) return [{ path, line, text: `imports "${target}", not a layer` }];
    if (targetRank <= rank) return [];
    return [{
      path,
      line,
      text: `imports "${target}" upwards, from rank ${rank} to ${targetRank}`,
    }];
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
    const forbidden = WITHOUT_CAPTURE.some((start) => path.startsWith(start))
      ? CAPTURE
      : path === STARTUP
      ? NOT_AT_STARTUP
      : [];
    const route = forbidden.length === 0 ? undefined : findRoute(loads, path, forbidden);
    return route === undefined ? [] : [{ path, text: `loads ${route.slice(1).join(" -> ")}` }];
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
      if (one.target !== undefined && groupOf(one.target) !== from) {
        targets.add(groupOf(one.target));
      }
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

/** The shortest way from `start` to a path that begins with one of `forbidden`. */
function findRoute(
  edges: Graph,
  start: string,
  forbidden: readonly string[],
): string[] | undefined {
  const routes = [[start]];
  const seen = new Set([start]);
  for (const route of routes) {
    for (const next of edges.get(route.at(-1) ?? "") ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      if (forbidden.some((prefix) => next.startsWith(prefix))) return [...route, next];
      routes.push([...route, next]);
    }
  }
  return undefined;
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
  finish("layers", files.length, checkLayers(files));
}
