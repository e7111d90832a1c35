import assert from "node:assert/strict";
import { compareSignatures, type DenoTypes, DUCKDB } from "../../checks/ffi_signatures.ts";

const HEADERS = `
/* LIBBPF_API int bpf_ghost(int fd); */
#define LIBBPF_API __attribute__((visibility("default")))
LIBBPF_API const char *bpf_name(const struct bpf_object *obj,
				size_t sz);
LIBBPF_API int
bpf_lookup(int fd, const void *key, __u64 flags); // int bpf_ghost(void);
LIBBPF_API void bpf_reset(void);
`;

const SOURCE = `export const SYMBOLS = {
  /** Since libbpf 0.0.1. */
  bpf_name: {
    parameters: [
      "pointer", // const struct bpf_object *obj
      "usize", // size_t sz
    ],
    result: "pointer", // const char *
  },
  /** Since libbpf 1.1.0. */
  bpf_lookup: {
    parameters: [
      "i32", // int fd
      "buffer", // const void *key
      "u64", // __u64 flags
    ],
    result: "i32", // int
  },
  /** Since libbpf 0.8.0. */
  bpf_reset: {
    parameters: [], // void
    result: "void", // void
  },
} as const;
`;

const TYPES: DenoTypes = {
  bpf_name: { parameters: ["pointer", "usize"], result: "pointer" },
  bpf_lookup: { parameters: ["i32", "buffer", "u64"], result: "i32" },
  bpf_reset: { parameters: [], result: "void" },
};

/** Findings after one change in the source, and in the types where they change with it. */
function findings(from: string, to: string, types: DenoTypes = TYPES): string[] {
  assert.ok(SOURCE.includes(from));
  return compareSignatures(SOURCE.replace(from, to), types, HEADERS).map(({ text }) => text);
}

Deno.test("compareSignatures() finds nothing when all is the same", () => {
  assert.deepEqual(compareSignatures(SOURCE, TYPES, HEADERS), []);
});

Deno.test("compareSignatures() does not care for the names of arguments", () => {
  assert.deepEqual(findings("// int fd", "// int map_fd"), []);
});

Deno.test("compareSignatures() finds an argument that the header declares otherwise", () => {
  assert.deepEqual(findings("// const void *key", "// void *key"), [
    'bpf_lookup: argument 2 is "void *", the header has "const void *"',
  ]);
});

Deno.test("compareSignatures() finds a type that does not fit the C type", () => {
  const types = { ...TYPES, bpf_name: { parameters: ["pointer", "u32"], result: "pointer" } };
  assert.deepEqual(findings('"usize", // size_t sz', '"u32", // size_t sz', types), [
    'bpf_name: argument 2 "size_t" is "u32", wanted "usize"',
  ]);
});

Deno.test("compareSignatures() finds a wrong result", () => {
  assert.deepEqual(findings('"void", // void', '"void", // int'), [
    'bpf_reset: result is "int", the header has "void"',
    'bpf_reset: result "int" is "void", wanted "i32"',
  ]);
});

Deno.test("compareSignatures() finds a missing argument", () => {
  const types = { ...TYPES, bpf_lookup: { parameters: ["i32", "buffer"], result: "i32" } };
  assert.deepEqual(findings('      "u64", // __u64 flags\n', "", types), [
    "bpf_lookup: 2 arguments, the header has 3",
  ]);
});

Deno.test("compareSignatures() finds a symbol that no header declares", () => {
  const types = { ...TYPES, bpf_ghost: { parameters: [], result: "void" } };
  const source = SOURCE.replace(
    "} as const",
    `  /** Since libbpf 0.8.0. */
  bpf_ghost: {
    parameters: [], // void
    result: "void", // void
  },
} as const`,
  );
  assert.deepEqual(compareSignatures(source, types, HEADERS).map(({ text }) => text), [
    "bpf_ghost: not declared in the headers",
  ]);
});

Deno.test("compareSignatures() finds an argument without a declaration", () => {
  assert.deepEqual(findings('"i32", // int fd', '"i32",'), [
    'bpf_lookup: the text says ["buffer","u64","i32"], the table ["i32","buffer","u64","i32"]',
    "bpf_lookup: 2 arguments, the header has 3",
    'bpf_lookup: argument 1 is "const void *", the header has "int"',
    'bpf_lookup: argument 2 is "__u64", the header has "const void *"',
  ]);
});

Deno.test("compareSignatures() finds a symbol that is newer than the oldest libbpf", () => {
  assert.deepEqual(findings("Since libbpf 1.1.0", "Since libbpf 1.2.0"), [
    'bpf_lookup: "Since libbpf 1.2.0" is missing or above the oldest supported release',
  ]);
  assert.deepEqual(findings("  /** Since libbpf 0.8.0. */\n", ""), [
    'bpf_reset: "Since libbpf undefined" is missing or above the oldest supported release',
  ]);
});

Deno.test("compareSignatures() finds a symbol whose text it cannot read", () => {
  const types = { ...TYPES, bpf_other: { parameters: [], result: "void" } };
  assert.deepEqual(compareSignatures(SOURCE, types, HEADERS).map(({ text }) => text), [
    "bpf_other: its declaration cannot be read from the table",
  ]);
});

Deno.test("compareSignatures() reads declarations that are repeated in comments, without releases", () => {
  const headers = `
// DUCKDB_C_API duckdb_vector duckdb_data_chunk_get_vector(duckdb_data_chunk chunk, idx_t col_idx);
export function data_chunk_get_vector(chunk: DataChunk, column_index: number): Vector;
// DUCKDB_C_API idx_t duckdb_vector_size();
export function vector_size(): number;
`;
  const source = `export const SYMBOLS = {
  duckdb_data_chunk_get_vector: {
    parameters: [
      "pointer", // duckdb_data_chunk chunk
      "u64", // idx_t col_idx
    ],
    result: "pointer", // duckdb_vector
  },
  duckdb_vector_size: {
    parameters: [], // void
    result: "u64", // idx_t
  },
} as const;
`;
  const types: DenoTypes = {
    duckdb_data_chunk_get_vector: { parameters: ["pointer", "u64"], result: "pointer" },
    duckdb_vector_size: { parameters: [], result: "u64" },
  };
  const texts = (text: string) =>
    compareSignatures(source, types, text, DUCKDB).map(({ text }) => text);
  assert.deepEqual(texts(headers), []);
  assert.deepEqual(texts(headers.replace("idx_t col_idx", "int col_idx")), [
    'duckdb_data_chunk_get_vector: argument 2 is "idx_t", the header has "int"',
  ]);
  assert.deepEqual(texts(headers.replace("// DUCKDB_C_API idx_t", "// idx_t")), [
    "duckdb_vector_size: not declared in the headers",
  ]);
});
