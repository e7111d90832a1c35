/**
 * The `recover` command: finds what killed recorders have left, and says what became of it.
 *
 * @module
 */
import { EXIT } from "../../core/errors.ts";
import { printable } from "../../core/printable.ts";
import { formatAmount } from "../../core/quantity.ts";
import { writeStderr, writeStdout } from "../../core/standard_streams.ts";
import { recoverPath, type Recovery } from "../../sinks/recovery/recover_path.ts";

/** Packets tell who talks with whom. */
const PRIVATE_UMASK = 0o077;

/** Settings of `recover`. */
export interface RecoverOptions {
  readonly path: string;
  readonly json: boolean;
}

/**
 * Recovers what is at a path.
 *
 * @returns exit code: 1 if something could not be recovered
 * @throws {RunError} if the path leads nowhere
 */
export function runRecover({ path, json }: RecoverOptions): number {
  const umask = Deno.umask(PRIVATE_UMASK);
  try {
    const recoveries: Recovery[] = [];
    for (const recovery of recoverPath(path)) {
      recoveries.push(recovery);
      if (!json) writeStdout(linesOf(recovery).map((line) => `${printable(line)}\n`).join(""));
    }
    if (json) writeStdout(`${JSON.stringify(recoveries.map(plain), null, 2)}\n`);
    else if (recoveries.length === 0) writeStderr(`Nothing to recover at "${printable(path)}"\n`);
    return recoveries.some(isFailure) ? EXIT.FAILURE : EXIT.DONE;
  } finally {
    Deno.umask(umask);
  }
}

function isFailure(recovery: Recovery): boolean {
  return recovery.kind === "failed" || recovery.kind === "foreign" ||
    (recovery.kind === "recovered" && recovery.damaged.length > 0);
}

function linesOf(recovery: Recovery): string[] {
  switch (recovery.kind) {
    case "recovered":
      return [
        ...recovery.files.map(({ path, rows }) => `${formatAmount(rows, "packet")} in "${path}"`),
        ...recovery.damaged.map((reason) => `left where it is: ${reason}`),
      ];
    case "empty":
      return [`no packets in "${recovery.path}", removed`];
    case "running":
      return [`"${recovery.path}" is being written, left alone`];
    case "foreign":
      return [`"${recovery.path}" belongs to user ${recovery.user}, left alone`];
    case "failed":
      return [recovery.error.message];
  }
}

function plain(recovery: Recovery): unknown {
  return recovery.kind === "failed" ? { ...recovery, error: recovery.error.message } : recovery;
}
