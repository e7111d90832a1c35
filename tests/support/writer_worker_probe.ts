/**
 * Runs the writing thread in a process of its own, whose standard output a test can look at or close:
 * one batch of `rows` ARP frames as an Arrow stream.
 *
 *     deno run -A tests/support/writer_worker_probe.ts <rows>
 *
 * Begins when it has read something from standard input. Messages of the thread go to standard error, one
 * JSON text a line.
 *
 * @module
 */
import { BatchProducer, createQueueMemory } from "../../src/batch/batch_queue.ts";
import { PRESENT } from "../../src/contract/record_layout.ts";
import type { WriterMessage, WriterRequest } from "../../src/sinks/writer_protocol.ts";
import { complain } from "./print.ts";

const rows = Number(Deno.args[0]);
const queue = createQueueMemory(1);
const producer = new BatchProducer(queue);
const batch = producer.acquire()!;
batch.present.fill(PRESENT.MAC | PRESENT.ETHERTYPE | PRESENT.PROTOCOL, 0, rows);
batch.ethertype.fill(0x0806, 0, rows);
batch.packetLength.fill(60, 0, rows);
batch.segments.fill(1, 0, rows);
producer.publish(rows);
producer.close();

Deno.stdin.readSync(new Uint8Array(1));

const url = new URL("../../src/sinks/writer_worker.ts", import.meta.url);
const worker = new Worker(url.href, { type: "module" });
worker.onmessage = ({ data }: MessageEvent<WriterMessage>) => {
  complain(JSON.stringify(data));
  if (data.type === "finished") say({ type: "complete", metadata: {} });
  if (["completed", "broken_pipe", "failed"].includes(data.type)) worker.terminate();
};

function say(request: WriterRequest): void {
  worker.postMessage(request);
}

say({
  type: "start",
  queue,
  sinks: [{ type: "arrow" }],
  options: {
    attachments: [{ attachment: 0, interface: "eth0", direction: "ingress" }],
    metadata: {},
  },
});
