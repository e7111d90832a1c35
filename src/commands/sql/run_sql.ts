/**
 * The `sql` command: runs statements on recordings and hands rows to a renderer as they come.
 *
 * @module
 */
import { resolve } from "node:path";
import { noteFaults } from "../../cli/file_faults.ts";
import type { SqlOptions } from "../../cli/sql_options.ts";
import { EXIT, RunError, UsageError } from "../../core/errors.ts";
import { InvalidValue } from "../../core/invalid_value.ts";
import { systemReason } from "../../core/system_reason.ts";
import { renderFooter, trustLines } from "../../render/footer.ts";
import { findFormat } from "../../render/formats.ts";
import { matchedLine } from "../../render/selection_lines.ts";
import { trustOf } from "../../reports/answer.ts";
import { withoutDamaged } from "../shared/without_damaged.ts";
import type { StatsOutput } from "../stats/run_stats.ts";
import { StatsStop } from "../stats/stats_stop.ts";
import { SqlSession, statementsOf } from "./sql_session.ts";

/** Spill files hold addresses: they are nobody else's to read. */
const PRIVATE_UMASK = 0o077;

/** Who looks at a table does not look at more. */
export const TABLE_LIMIT = 1000;

/** More is no query that somebody wrote. */
const MAX_QUERY_BYTES = 2 ** 20;

/**
 * Prints the answers.
 *
 * @returns exit code: 1 when a file that a pattern or directory led to had to be left out
 * @throws {RunError} a file cannot be read, a statement is wrong, or the output not be written
 * @throws {InspectorError} a signal or the clock ended the query
 * @throws {BrokenPipe} nobody reads the output any more
 */
export async function runSql(options: SqlOptions, output: StatsOutput): Promise<number> {
  const { limit, timeoutMs = 0 } = options;
  const format = findFormat(options.format);
  const umask = Deno.umask(PRIVATE_UMASK);
  try {
    using stop = new StatsStop(timeoutMs, Deno, undefined, "the query");
    const statements = statementsOf(await queryText(options));
    if (statements.length > 1 && !format.hasNotes) {
      throw new UsageError(`Cannot write several answers as ${format.name}`, {
        hint: "Ask for one at a time, or choose --format table or markdown",
      });
    }
    await using progress = output.showProgress?.();
    return await withoutDamaged(output, async (attempt) => {
      using session = await SqlSession.open(options, stop.signal, progress, attempt.damaged);
      const { recordings } = session;
      const tables = options.tables.map(({ path }) => resolve(path));
      output.checkNoneIs?.([...recordings.paths, ...tables]);
      await progress?.clear();
      progress?.follow(recordings);
      const isPartial = noteFaults(recordings, attempt.note);
      attempt.hold(recordings);
      const rows = limit ?? (format.hasNotes ? TABLE_LIMIT : 0);
      for (const [index, statement] of statements.entries()) {
        if (index > 0) {
          // The first answer does not wait for the second.
          await stop.until(attempt.flush());
          await stop.until(attempt.data("\n"));
        }
        const answer = await session.ask(statement, rows);
        for await (const part of format.renderRows(answer, output.screen)) {
          await progress?.clear(typeof part === "string" ? part : undefined);
          await stop.until(attempt.data(part));
        }
      }
      const note = await warnings(session);
      await progress?.clear();
      await stop.until(attempt.flush());
      output.note(note);
      recordings.checkUnchanged();
      output.publish?.();
      return isPartial ? EXIT.FAILURE : EXIT.DONE;
    });
  } finally {
    Deno.umask(umask);
  }
}

/** What the numbers alone do not tell: that they are incomplete, or stand for more. */
export async function warnings({ recordings }: SqlSession): Promise<string> {
  const trust = trustOf(recordings);
  const lines = [await matchedLine(trust.selected), ...await trustLines(trust)]
    .filter((line) => line?.isWarning);
  const [rate = 1] = recordings.sampleRates.toReversed();
  const scaling = rate === 1 ? null : {
    text: "rows of packets are not scaled: sum_packets(sample_rate) and " +
      "sum_bytes(packet_length, sample_rate) are",
    isWarning: true,
  };
  return renderFooter([...lines, scaling], { width: null, colour: false });
}

async function queryText({ query, queryFile }: SqlOptions): Promise<string> {
  if (query !== null) return query;
  const name = queryFile ?? "standard input";
  let bytes: Uint8Array;
  try {
    using file = queryFile === null ? null : await Deno.open(queryFile);
    bytes = await readUpTo((file ?? Deno.stdin).readable);
  } catch (cause) {
    throw new RunError(`Cannot read the query from "${name}": ${systemReason(cause)}`, { cause });
  }
  try {
    if (bytes.length > MAX_QUERY_BYTES) {
      throw new InvalidValue("it is too large", "Write a query of at most 1 MiB");
    }
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (text.includes("\0")) throw new InvalidValue("it contains a NUL byte", "Leave it out");
    return text;
  } catch (cause) {
    const { reason, hint } = cause instanceof InvalidValue
      ? cause
      : new InvalidValue("it is not UTF-8", "Save the query as UTF-8");
    const options = hint === undefined ? {} : { hint };
    throw new RunError(`Cannot read the query from "${name}": ${reason}`, { cause, ...options });
  }
}

async function readUpTo(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const part of stream) {
    parts.push(part.slice());
    length += part.length;
    if (length > MAX_QUERY_BYTES) break;
  }
  return await new Blob(parts).bytes();
}
