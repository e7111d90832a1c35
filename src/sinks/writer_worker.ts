/**
 * The writing thread: takes column batches from the queue and gives them to the sinks.
 *
 * @module
 */
import { BatchConsumer } from "../batch/batch_queue.ts";
import { InspectorError } from "../core/errors.ts";
import { BrokenPipe } from "../core/standard_streams.ts";
import { workerPort } from "../core/worker_port.ts";
import { openSinks } from "./open_sinks.ts";
import type { RowSink } from "./row_sink.ts";
import type { WriterMessage, WriterRequest } from "./writer_protocol.ts";

const port = workerPort<WriterRequest, WriterMessage>();

let sink: RowSink | undefined;

async function writeUntilClosed(request: WriterRequest & { type: "start" }): Promise<void> {
  sink = await openSinks(request.sinks, request.options);
  const queue = new BatchConsumer(request.queue);
  port.postMessage({ type: "ready" });
  let taken = 0;
  for (let item = queue.next(); item; item = queue.next()) {
    // An empty batch marks the end of a segment.
    if (item.rows === 0) sink.closeSegment();
    else sink.append(item.batch, item.rows);
    queue.release();
    taken += item.rows;
    port.postMessage({ type: "progress", rows: taken, bytes: sink.writtenBytes });
  }
  port.postMessage({ type: "finished", rows: sink.finish() });
}

function end(): void {
  sink?.[Symbol.dispose]();
  port.close();
}

port.onmessage = async ({ data: request }) => {
  try {
    if (request.type === "start") return await writeUntilClosed(request);
    port.postMessage({ type: "completed", bytes: sink!.complete(request.metadata) });
    end();
  } catch (error) {
    port.postMessage(failure(error));
    end();
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
