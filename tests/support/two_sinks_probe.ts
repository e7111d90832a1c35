/**
 * Records packets of each kind, in a process of its own, into a Parquet file and as an Arrow stream on
 * standard output, at once.
 *
 *     deno run -A tests/support/two_sinks_probe.ts <directory> <sinks> <rounds>
 *
 * `sinks` names the kinds in their order, such as `parquet,arrow`. The file is `complete.parquet` in
 * the directory. The report goes to standard error.
 *
 * @module
 */
import { join } from "node:path";
import { Recording } from "../../src/recorder/recording.ts";
import type { SinkPlan } from "../../src/sinks/sink_plan.ts";
import { ATTACHMENTS, batchesOf, PACKETS } from "../unit/sinks/packets.ts";
import { PacketSource } from "./packet_source.ts";
import { complain } from "./print.ts";

const [directory = "", kinds = "", rounds = ""] = Deno.args;
const path = join(directory, "complete.parquet");
const sinks: Record<string, SinkPlan> = {
  parquet: { type: "parquet", workDirectory: directory, path },
  arrow: { type: "arrow" },
};

const packets = Array.from({ length: Number(rounds) }, () => Object.values(PACKETS)).flat();
const batches = batchesOf(packets, 1000);
// A cut in the middle: the file is made of two segments then.
batches.splice(batches.length >> 1, 0, { batch: batches[0]!.batch, rows: 0 });

using source = new PacketSource(
  ATTACHMENTS.map((attachment) => ({ ...attachment, hook: "xdp", mode: "native" })),
  batches,
);
using recording = await Recording.prepare({
  source,
  sinks: kinds.split(",").map((kind) => sinks[kind]!),
  output: "both",
});
await recording.start();
complain(JSON.stringify(await recording.finish()));
