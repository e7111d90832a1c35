/**
 * Builds the BPF object again and compares it with the committed one: `deno run` exits with 1 and
 * says what differs when the object does not belong to the source.
 *
 * @module
 */
import { join } from "node:path";

import { buildObject, OBJECT_PATH, reportFailure } from "../../bpf/build.ts";
import { RunError } from "../../src/core/errors.ts";

/** @throws {RunError} if `committed` is not what the source compiles to */
export async function checkCommittedObject(committed = OBJECT_PATH): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "inspector-bpf-" });
  try {
    const rebuilt = join(directory, "inspector.bpf.o");
    await buildObject(rebuilt);
    compare(await read(committed), await Deno.readFile(rebuilt));
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

function compare(committed: Uint8Array, rebuilt: Uint8Array): void {
  const length = Math.max(committed.length, rebuilt.length);
  for (let at = 0; at < length; at++) {
    if (committed[at] === rebuilt[at]) continue;
    throw new RunError(
      `Cannot accept "bpf/inspector.bpf.o": it is not what the source compiles to ` +
        `(${committed.length} bytes committed, ${rebuilt.length} rebuilt, first difference at ${at})`,
      { hint: "Build it again and commit it: deno task bpf" },
    );
  }
}

if (import.meta.main) {
  try {
    await checkCommittedObject();
  } catch (error) {
    reportFailure(error);
  }
}
