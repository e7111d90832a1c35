/**
 * The draining thread, which fails at a batch.
 *
 * @module
 */
import { BatchProducer } from "../../src/batch/batch_queue.ts";
import "../../src/drain/drain_worker.ts";
import { BROKEN_THREAD } from "./broken_recorder.ts";
import { exists } from "./inspector_cli.ts";

const trigger = Deno.env.get(BROKEN_THREAD.trigger)!;
const publish = BatchProducer.prototype.publish;

BatchProducer.prototype.publish = function (rows) {
  if (exists(trigger)) throw new Error("a defect of the drain");
  publish.call(this, rows);
};
