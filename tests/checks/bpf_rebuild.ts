/**
 * Builds what is committed in `bpf/` again and compares it: `deno run` exits with 1 and says what
 * differs when a file does not belong to the source.
 *
 * @module
 */
import { basename, join } from "node:path";

import { type Artefact, ARTEFACTS, committedPath, reportFailure } from "../../bpf/build.ts";
import { RunError } from "../../src/core/errors.ts";

/** @throws {RunError} if `committed` is not what the source compiles to */
async function checkCommitted(
  artefact: Artefact,
  committed = committedPath(artefact),
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "inspector-bpf-" });
  try {
    const rebuilt = join(directory, basename(artefact.path));
    await artefact.build(rebuilt);
    compare(artefact.path, await read(committed), await Deno.readFile(rebuilt));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new RunError(`Cannot read "${path}": no such file`, {
      hint: "Build it and commit it: deno task bpf",
      cause,
    });
  }
}

function compare(path: string, committed: Uint8Array, rebuilt: Uint8Array): void {
  const length = Math.max(committed.length, rebuilt.length);
  for (let at = 0; at < length; at++) {
    if (committed[at] === rebuilt[at]) continue;
    throw new RunError(
      `Cannot accept "${path}": it is not what the source compiles to ` +
        `(${committed.length} bytes committed, ${rebuilt.length} rebuilt, first difference at ${at})`,
      { hint: "Build it again and commit it: deno task bpf" },
    );
  }
}

if (import.meta.main) {
  try {
    for (const artefact of ARTEFACTS) await checkCommitted(artefact);
  } catch (error) {
    reportFailure(error);
  }
}
