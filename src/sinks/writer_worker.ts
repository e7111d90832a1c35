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
  sink = await openSinks(request.sinks, request.options, {
    onTrouble: ({ message, hint }) => port.postMessage({ type: "trouble", message, hint }),
    onResumed: () => port.postMessage({ type: "resumed" }),
    onPart: (part) => port.postMessage({ type: "part", part }),
    onSecond: (second) => port.postMessage({ type: "second", second }),
  });
  // All that this thread needs is loaded now, and no batch is taken yet.
  const { confineWrites } = await import("../../ffi/linux/landlock.ts");
  confineWrites(request.sinks.flatMap((plan) => plan.type === "parquet" ? plan.workDirectory : []));
  const queue = new BatchConsumer(request.queue);
  port.postMessage({ type: "ready" });
  let taken = 0;
  const next = () => queue.next(sink?.tend?.() ?? Infinity);
  for (let item = next(); item !== undefined; item = next()) {
    if (item === null) continue;
    // An empty batch marks the end of a segment.
    if (item.rows === 0) sink.closeSegment();
    else sink.append(item.batch, item.rows);
    queue.release();
    taken += item.rows;
    const { lost = [] } = sink;
    port.postMessage({
      ...{ type: "progress", rows: taken, bytes: sink.writtenBytes },
      ...lost.length > 0 && { lost },
    });
  }
  const rows = sink.finish();
  const { lost, newAddresses } = sink;
  port.postMessage({
    ...{ type: "finished", rows },
    ...lost !== undefined && { lost },
    ...newAddresses !== undefined && { newAddresses },
  });
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
