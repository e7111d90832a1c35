/**
 * DuckDB's native code for a target, from its npm package.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { type BuildTarget, isThisMachine } from "./build_target.ts";
import { check } from "../../tests/support/child_process.ts";

/** Files of the package that hold native code. */
export const DUCKDB_FILES = ["libduckdb.so", "duckdb.node"] as const;

const DOWNLOAD_LIMIT_MS = 300_000;

/** Name and version of the package for `target`, as pinned by the lock file of `stage`. */
export function duckdbPackage(target: BuildTarget, stage: string): string {
  const lock = JSON.parse(Deno.readTextFileSync(join(stage, "deno.lock"))) as {
    npm: Record<string, { integrity: string }>;
  };
  const prefix = `@duckdb/node-bindings-linux-${target.npm}@`;
  const found = Object.keys(lock.npm).find((name) => name.startsWith(prefix));
  if (found === undefined) throw new Error(`Cannot find "${prefix}" in deno.lock`);
  return found;
}

/**
 * Directory with the files of the package: where `deno install` put it, or, for another kind of
 * machine, which Deno does not install, downloaded with npm.
 */
export async function duckdbDirectory(
  target: BuildTarget,
  stage: string,
  scratch: string,
  integrity: string,
): Promise<string> {
  const specifier = duckdbPackage(target, stage);
  const name = specifier.slice(0, specifier.lastIndexOf("@"));
  if (isThisMachine(target)) {
    const directory = specifier.replace("/", "+");
    return join(stage, "node_modules", ".deno", directory, "node_modules", name);
  }
  const options = { cwd: scratch, limitMs: DOWNLOAD_LIMIT_MS };
  const archive = (await check(["npm", "pack", "--silent", specifier], options)).trim();
  const bytes = Deno.readFileSync(join(scratch, archive));
  const actual = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  if (actual !== integrity) {
    throw new Error(`Cannot use "${archive}": its checksum is "${actual}", not "${integrity}"`);
  }
  await check(["tar", "-xzf", archive], options);
  return join(scratch, "package");
}
