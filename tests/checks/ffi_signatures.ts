/**
 * Compares the declarations in ffi/libbpf_symbols.ts with the installed headers of libbpf: that each
 * symbol is declared there, that return type and arguments are the same, and that the types given to
 * Deno fit the C types.
 *
 *     deno run -A tests/checks/ffi_signatures.ts
 *
 * @module
 */
import { LIBBPF_MINIMUM, LIBBPF_SYMBOLS } from "../../ffi/libbpf_symbols.ts";
import { type Finding, finish, readSources } from "./findings.ts";

const TABLE = "ffi/libbpf_symbols.ts";

const HEADERS = ["/usr/include/bpf/libbpf.h", "/usr/include/bpf/bpf.h"];

/** Deno's type of each C type that is not a pointer. Any `enum` is `u32`. */
const SCALARS: Readonly<Record<string, string>> = {
  "void": "void",
  "bool": "bool",
  "int": "i32",
  "__u32": "u32",
  "__u64": "u64",
  "size_t": "usize",
  // A pointer to a function, in spite of its looks.
  "libbpf_print_fn_t": "pointer",
};

/** What libbpf allocates and we never look into: `pointer`. Other pointers are to our memory. */
const OPAQUE = /^(const )?struct bpf_(object|program|map) \*$/;

/** A value as C declares it (without a name) and as Deno is told. */
interface Value {
  readonly c: string;
  readonly deno: string;
}

interface TableEntry {
  readonly name: string;
  readonly line: number;
  readonly since: string | undefined;
  readonly parameters: readonly Value[];
  readonly result: Value | undefined;
}

interface Declaration {
  readonly result: string;
  readonly parameters: readonly string[];
}

/** The types given to Deno, as in `LIBBPF_SYMBOLS`. */
export type DenoTypes = Readonly<
  Record<string, { readonly parameters: readonly unknown[]; readonly result: unknown }>
>;

/**
 * Everything in which the text of a symbol table differs from the headers.
 *
 * @param source text of the module with the table
 * @param types the same table as the module exports it: shows that the text was understood
 * @param headers text of the C headers
 */
export function compareSignatures(source: string, types: DenoTypes, headers: string): Finding[] {
  const entries = parseTable(source);
  const declarations = parseHeaders(headers);
  const findings: Finding[] = [];
  for (const name of Object.keys(types)) {
    if (entries.some((entry) => entry.name === name)) continue;
    findings.push({ path: TABLE, text: `${name}: its declaration cannot be read from the table` });
  }
  for (const entry of entries) {
    for (const text of compareEntry(entry, types[entry.name], declarations.get(entry.name))) {
      findings.push({ path: TABLE, line: entry.line, text: `${entry.name}: ${text}` });
    }
  }
  return findings;
}

function compareEntry(
  entry: TableEntry,
  types: DenoTypes[string] | undefined,
  declared: Declaration | undefined,
): string[] {
  if (declared === undefined) return ["not declared in the headers"];
  if (entry.result === undefined) return ["no result with a comment"];
  const problems: string[] = [];
  const read = JSON.stringify([...entry.parameters.map(({ deno }) => deno), entry.result.deno]);
  const actual = JSON.stringify([...(types?.parameters ?? []), types?.result]);
  if (read !== actual) problems.push(`the text says ${read}, the table ${actual}`);
  if (!isSupported(entry.since)) {
    problems.push(`"Since libbpf ${entry.since}" is missing or above the oldest supported release`);
  }
  if (entry.result.c !== declared.result) {
    problems.push(`result is "${entry.result.c}", the header has "${declared.result}"`);
  }
  const wanted = denoType(entry.result.c, "result");
  if (entry.result.deno !== wanted) {
    problems.push(`result "${entry.result.c}" is "${entry.result.deno}", wanted "${wanted}"`);
  }
  if (entry.parameters.length !== declared.parameters.length) {
    problems.push(
      `${entry.parameters.length} arguments, the header has ${declared.parameters.length}`,
    );
  }
  entry.parameters.forEach(({ c, deno }, index) => {
    const header = declared.parameters[index];
    if (header !== undefined && c !== header) {
      problems.push(`argument ${index + 1} is "${c}", the header has "${header}"`);
    }
    const wanted = denoType(c, "argument");
    if (deno !== wanted) {
      problems.push(`argument ${index + 1} "${c}" is "${deno}", wanted "${wanted}"`);
    }
  });
  return problems;
}

/** The type that Deno has to be given for a C type; `"?"` if it is not known here. */
function denoType(c: string, use: "argument" | "result"): string {
  if (c.startsWith("enum ") && !c.includes("*")) return "u32";
  if (c.includes("*")) return use === "argument" && !OPAQUE.test(c) ? "buffer" : "pointer";
  return SCALARS[c] ?? "?";
}

function isSupported(since: string | undefined): boolean {
  const [major, minor] = (since ?? "").split(".").map(Number);
  if (major === undefined || minor === undefined) return false;
  return major < LIBBPF_MINIMUM.major ||
    (major === LIBBPF_MINIMUM.major && minor <= LIBBPF_MINIMUM.minor);
}

/** Reads the entries of the table, in the form that `deno fmt` gives them. */
function parseTable(source: string): TableEntry[] {
  const entries: TableEntry[] = [];
  const block =
    /(?:^ {2}\/\*\* Since libbpf ([\d.]+)\. \*\/\n)?^ {2}(\w+): \{\n([\s\S]*?)^ {2}\},$/gm;
  for (const { index, 1: since, 2: name = "", 3: body = "" } of source.matchAll(block)) {
    const parameters = [...body.matchAll(/^ {6}"(\w+)", \/\/ (.+)$/gm)]
      .map(([, deno = "", c = ""]) => ({ deno, c: withoutName(c) }));
    const result = /^ {4}result: "(\w+)", \/\/ (.+)$/m.exec(body);
    entries.push({
      name,
      since,
      line: source.slice(0, index).split("\n").length + (since === undefined ? 0 : 1),
      parameters,
      result: result ? { deno: result[1] ?? "", c: normalise(result[2] ?? "") } : undefined,
    });
  }
  return entries;
}

/** All functions that the headers export. */
function parseHeaders(headers: string): Map<string, Declaration> {
  const text = headers.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, " ").replace(/^\s*#.*$/gm, " ");
  const declarations = new Map<string, Declaration>();
  const exported = /\bLIBBPF_API\b([^;(){}]*?)(\w+)\s*\(([^;{}]*)\)\s*;/g;
  for (const [, result = "", name = "", list = ""] of text.matchAll(exported)) {
    const parameters = list.trim() === "void" ? [] : list.split(",").map(withoutName);
    declarations.set(name, { result: normalise(result), parameters });
  }
  return declarations;
}

/** `const char *name` becomes `const char *`. */
function withoutName(parameter: string): string {
  return normalise(parameter.replace(/\w+\s*$/, ""));
}

/** One space between words, none behind a `*`. */
function normalise(type: string): string {
  return type.replace(/\s+/g, " ").replace(/ ?\* ?/g, "*").replace(/\*+/, " $&").trim();
}

function readHeaders(): { text: string; findings: Finding[] } {
  const findings: Finding[] = [];
  const texts = HEADERS.map((path) => {
    try {
      return Deno.readTextFileSync(path);
    } catch (error) {
      const text = `cannot be read: ${(error as Error).message}: install the package libbpf-dev ` +
        `(apt install libbpf-dev)`;
      findings.push({ path, text });
      return "";
    }
  });
  return { text: texts.join("\n"), findings };
}

if (import.meta.main) {
  const table = readSources(["ffi"], ["libbpf_symbols.ts"]);
  const headers = readHeaders();
  const findings = headers.findings.length > 0
    ? headers.findings
    : table.flatMap(({ text }) => compareSignatures(text, LIBBPF_SYMBOLS, headers.text));
  if (table.length === 0) findings.push({ path: TABLE, text: "missing" });
  finish("ffi signatures", table.length, findings);
}
