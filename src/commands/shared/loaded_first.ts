/**
 * What reading takes, loaded before the process gives up its rights.
 *
 * Run from the sources, the runtime keeps what it has compiled in a cache of the user who started it. Whoever
 * root becomes cannot write there, and would compile all that is loaded later again, in each run.
 *
 * @module
 */
import type { Selection } from "../../query/selection.ts";

/** Names after which it is worth while to load what reads packets; inputs are told by their content. */
const PACKET_FILE = /^-$|\.(pcap|pcapng|cap)(\.\w+)?$/i;

/** Makes DuckDB ready, and loads what reads these inputs. */
export async function loadReading(
  inputs: readonly string[],
  { filter, where }: Pick<Selection, "filter" | "where">,
): Promise<void> {
  // Run from the sources, it does nothing.
  if (Deno.build.standalone) {
    (await import("../../../ffi/duckdb/duckdb_addon.ts")).provideDuckdb();
  }
  await import("../../query/recordings.ts");
  if (where !== null) {
    await import("../../query/condition.ts");
    await import("../../query/sql_macros.ts");
  }
  if (filter !== null) {
    await import("../../filter/written_filter.ts");
    await import("../../filter/sql.ts");
  }
  if (inputs.some((name) => PACKET_FILE.test(name))) {
    await import("../../sources/packet_file/packet_rows.ts");
    await import("../../sinks/parquet_file.ts");
  }
}
