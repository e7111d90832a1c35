/**
 * Compares the declarations in ffi/bpf/libbpf_symbols.ts with the installed headers of libbpf, and those in
 * ffi/duckdb/duckdb_symbols.ts with the ones that the npm package in use repeats from duckdb.h: that each
 * symbol is declared there, that return type and arguments are the same, and that the types given to
 * Deno fit the C types.
 *
 *     deno run -A tests/checks/ffi_signatures.ts
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { DUCKDB_SYMBOLS } from "../../ffi/duckdb/duckdb_symbols.ts";
import { LIBBPF_MINIMUM, LIBBPF_SYMBOLS } from "../../ffi/bpf/libbpf_symbols.ts";
import { type Finding, finish, ROOT } from "./findings.ts";

/** A library that is bound, and how its header is to be read. */
export interface BoundLibrary {
  /** Path of the module with the table. */
  readonly table: string;
  readonly headers: readonly string[];
  /** What to do when a header is missing. */
  readonly remedy: string;
  /** The macro before each function that is exported. */
  readonly exportMark: string;
  /** What stands before a declaration on its line, if the headers are repeated in comments. */
  readonly comment: RegExp | null;
  /** Deno's type of each C type that is not a pointer. Any `enum` is `u32`. */
  readonly scalars: Readonly<Record<string, string>>;
  /** What the library allocates and we never look into: `pointer`. Other pointers are to our memory. */
  readonly opaque: RegExp;
  /** Oldest release, if each symbol says since when it is there. */
  readonly minimum: { readonly major: number; readonly minor: number } | null;
}

const LIBBPF: BoundLibrary = {
  table: "ffi/bpf/libbpf_symbols.ts",
  headers: ["/usr/include/bpf/libbpf.h", "/usr/include/bpf/bpf.h"],
  remedy: "install the package libbpf-dev (apt install libbpf-dev)",
  exportMark: "LIBBPF_API",
  comment: null,
  scalars: {
    "void": "void",
    "bool": "bool",
    "int": "i32",
    "__u32": "u32",
    "__u64": "u64",
    "size_t": "usize",
    // A pointer to a function, in spite of its looks.
    "libbpf_print_fn_t": "pointer",
  },
  opaque: /^(const )?struct bpf_(object|program|map) \*$/,
  minimum: LIBBPF_MINIMUM,
};

export const DUCKDB: BoundLibrary = {
  table: "ffi/duckdb/duckdb_symbols.ts",
  headers: [fileURLToPath(new URL("duckdb.d.ts", import.meta.resolve("@duckdb/node-bindings")))],
  remedy: "fetch the npm packages (deno install --frozen)",
  exportMark: "DUCKDB_C_API",
  comment: /^\/\/ (?=DUCKDB_C_API )/gm,
  scalars: {
    "void": "void",
    "bool": "bool",
    "idx_t": "u64",
    // Enumerations.
    "duckdb_state": "u32",
    "duckdb_type": "u32",
    // Pointers, in spite of their looks.
    "duckdb_bind_info": "pointer",
    "duckdb_config": "pointer",
    "duckdb_connection": "pointer",
    "duckdb_data_chunk": "pointer",
    "duckdb_database": "pointer",
    "duckdb_function_info": "pointer",
    "duckdb_init_info": "pointer",
    "duckdb_logical_type": "pointer",
    "duckdb_table_function": "pointer",
    "duckdb_table_function_bind_t": "pointer",
    "duckdb_table_function_init_t": "pointer",
    "duckdb_table_function_t": "pointer",
    "duckdb_vector": "pointer",
  },
  opaque: /^void \*$/,
  minimum: null,
};

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
export function compareSignatures(
  source: string,
  types: DenoTypes,
  headers: string,
  library: BoundLibrary = LIBBPF,
): Finding[] {
  const { table: path } = library;
  const entries = parseTable(source);
  const declarations = parseHeaders(headers, library);
  const findings: Finding[] = [];
  for (const name of Object.keys(types)) {
    if (entries.some((entry) => entry.name === name)) continue;
    findings.push({ path, text: `${name}: its declaration cannot be read from the table` });
  }
  for (const entry of entries) {
    const declared = declarations.get(entry.name);
    for (const text of compareEntry(entry, types[entry.name], declared, library)) {
      findings.push({ path, line: entry.line, text: `${entry.name}: ${text}` });
    }
  }
  return findings;
}

function compareEntry(
  entry: TableEntry,
  types: DenoTypes[string] | undefined,
  declared: Declaration | undefined,
  library: BoundLibrary,
): string[] {
  if (declared === undefined) return ["not declared in the headers"];
  if (entry.result === undefined) return ["no result with a comment"];
  const problems: string[] = [];
  const read = JSON.stringify([...entry.parameters.map(({ deno }) => deno), entry.result.deno]);
  const actual = JSON.stringify([...(types?.parameters ?? []), types?.result]);
  if (read !== actual) problems.push(`the text says ${read}, the table ${actual}`);
  if (!isSupported(entry.since, library)) {
    problems.push(`"Since libbpf ${entry.since}" is missing or above the oldest supported release`);
  }
  if (entry.result.c !== declared.result) {
    problems.push(`result is "${entry.result.c}", the header has "${declared.result}"`);
  }
  const wanted = denoType(entry.result.c, "result", library);
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
    const wanted = denoType(c, "argument", library);
    if (deno !== wanted) {
      problems.push(`argument ${index + 1} "${c}" is "${deno}", wanted "${wanted}"`);
    }
  });
  return problems;
}

/** The type that Deno has to be given for a C type; `"?"` if it is not known here. */
function denoType(c: string, use: "argument" | "result", library: BoundLibrary): string {
  if (c.startsWith("enum ") && !c.includes("*")) return "u32";
  if (c.includes("*")) return use === "argument" && !library.opaque.test(c) ? "buffer" : "pointer";
  return library.scalars[c] ?? "?";
}

function isSupported(since: string | undefined, { minimum }: BoundLibrary): boolean {
  if (minimum === null) return true;
  const [major, minor] = (since ?? "").split(".").map(Number);
  if (major === undefined || minor === undefined) return false;
  return major < minimum.major || (major === minimum.major && minor <= minimum.minor);
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
function parseHeaders(headers: string, library: BoundLibrary): Map<string, Declaration> {
  const declared = library.comment === null ? headers : headers.replace(library.comment, "");
  const text = declared.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, " ").replace(/^\s*#.*$/gm, " ");
  const declarations = new Map<string, Declaration>();
  const exported = new RegExp(
    `\\b${library.exportMark}\\b([^;(){}]*?)(\\w+)\\s*\\(([^;{}]*)\\)\\s*;`,
    "g",
  );
  for (const [, result = "", name = "", list = ""] of text.matchAll(exported)) {
    const parameters = ["", "void"].includes(list.trim()) ? [] : list.split(",").map(withoutName);
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

function check(library: BoundLibrary, symbols: DenoTypes): Finding[] {
  const table = Deno.readTextFileSync(new URL(library.table, ROOT));
  const texts: string[] = [];
  for (const path of library.headers) {
    try {
      texts.push(Deno.readTextFileSync(path));
    } catch (error) {
      const text = `cannot be read: ${(error as Error).message}: ${library.remedy}`;
      return [{ path, text }];
    }
  }
  return compareSignatures(table, symbols, texts.join("\n"), library);
}

if (import.meta.main) {
  const findings = [...check(LIBBPF, LIBBPF_SYMBOLS), ...check(DUCKDB, DUCKDB_SYMBOLS)];
  finish("ffi signatures", 2, findings);
}
