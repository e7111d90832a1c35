/**
 * `--version`: the versions of everything that a recording depends on.
 *
 * @module
 */
import { libbpfVersion } from "../../../ffi/mod.ts";
import { readBpfElf } from "../../attach/bpf_elf.ts";
import { EXIT, UnsupportedError } from "../../core/errors.ts";
import { writeStdout } from "../../core/standard_streams.ts";
import { DUCKDB_VERSION, PROGRAM_NAME, VERSION } from "../../core/version.ts";
import { SCHEMA_VERSION } from "../../contract/columns.ts";

/** Hexadecimal digits of a hash that are enough to tell two objects apart. */
const HASH_DIGITS = 12;

/**
 * Prints the versions, one a line.
 *
 * @returns exit code
 */
export async function runVersion(): Promise<number> {
  const object = await fingerprint(readBpfElf());
  writeStdout(
    `${PROGRAM_NAME} ${VERSION}\n` +
      `libbpf ${systemLibbpf()}\n` +
      `DuckDB ${DUCKDB_VERSION}\n` +
      `Parquet schema ${SCHEMA_VERSION}\n` +
      `BPF object ${object}\n`,
  );
  return EXIT.DONE;
}

/** The first digits of the SHA-256 of `bytes`. */
async function fingerprint(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const digits = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.slice(0, HASH_DIGITS);
}

/** Release of libbpf; also without a usable one there are versions to print. */
function systemLibbpf(): string {
  try {
    return libbpfVersion();
  } catch (error) {
    if (error instanceof UnsupportedError) return "not found";
    throw error;
  }
}
