/**
 * The writing thread, which fails at a batch.
 *
 * @module
 */
import { BatchConsumer } from "../../src/batch/batch_queue.ts";
import "../../src/sinks/writer_worker.ts";
import { BROKEN_THREAD } from "./broken_recorder.ts";
import { exists } from "./inspector_cli.ts";

const trigger = Deno.env.get(BROKEN_THREAD.trigger)!;
const release = BatchConsumer.prototype.release;

BatchConsumer.prototype.release = function () {
  if (exists(trigger)) throw new Error("a defect of the writer");
  release.call(this);
};
