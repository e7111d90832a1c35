/**
 * The writing thread: takes column batches from the queue and writes them, as Parquet segments that
 * it joins into the output file at the end, or as an Arrow stream.
 *
 * @module
 */
import { confineWrites } from "../../ffi/mod.ts";
import { BatchConsumer } from "../batch/batch_queue.ts";
import { InspectorError } from "../core/errors.ts";
import { BrokenPipe, writeStdout } from "../core/standard_streams.ts";
import { workerPort } from "../core/worker_port.ts";
import type { Attachment } from "../contract/attachment.ts";
import type { RowSink } from "./row_sink.ts";
import type { SinkChoice, WriterMessage, WriterRequest } from "./writer_protocol.ts";

const port = workerPort<WriterRequest, WriterMessage>();

/** Each kind of sink brings a large library: only the one in use is loaded. */
async function openSink(choice: SinkChoice, attachments: readonly Attachment[]): Promise<RowSink> {
  if (choice.type === "segments") {
    const { SegmentStore } = await import("./segments/segment_store.ts");
    return await SegmentStore.create({ directory: choice.directory, attachments });
  }
  const { ArrowStream } = await import("./arrow_stream.ts");
  return new ArrowStream({ attachments, metadata: choice.metadata, write: writeStdout });
}

async function writeUntilClosed(request: WriterRequest & { type: "start" }): Promise<void> {
  using sink = await openSink(request.sink, request.attachments);
  // Joining is loaded now: the sources may be where only root can read. Only then can this thread be
  // confined, and before it takes the first batch.
  if (request.sink.type === "segments") await import("../parquet/join.ts");
  confineWrites(request.sink.type === "segments" ? request.sink.directory : null);
  const queue = new BatchConsumer(request.queue);
  port.postMessage({ type: "ready" });
  let taken = 0;
  for (let item = queue.next(); item; item = queue.next()) {
    if (request.delayMs > 0) pause(request.delayMs);
    // An empty batch marks the end of a segment.
    if (item.rows === 0) sink.closeSegment();
    else sink.append(item.batch, item.rows);
    queue.release();
    taken += item.rows;
    port.postMessage({ type: "progress", rows: taken, bytes: sink.writtenBytes });
  }
  const { segments, rows } = sink.finish();
  port.postMessage({ type: "finished", segments, rows, bytes: sink.writtenBytes });
}

/** Blocks this thread. A timer was seen never to fire here in a program compiled by Deno 2.7.11. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

async function handle(request: WriterRequest): Promise<void> {
  if (request.type === "start") {
    return await writeUntilClosed(request);
  }
  const { joinSegments } = await import("../parquet/join.ts");
  const { rows, bytes } = joinSegments(request.segments, request.output, request.metadata);
  port.postMessage({ type: "joined", rows, bytes });
  port.close();
}

port.onmessage = async (event) => {
  try {
    await handle(event.data);
  } catch (error) {
    port.postMessage(failure(error));
    port.close();
  }
};

function failure(error: unknown): WriterMessage {
  if (error instanceof BrokenPipe) return { type: "broken_pipe" };
  return {
    type: "failed",
    message: error instanceof Error ? error.message : String(error),
    hint: error instanceof InspectorError ? error.hint : undefined,
  };
}
