/**
 * A worker that fails as soon as it is asked for something.
 *
 * @module
 */
import { workerPort } from "../../src/core/worker_port.ts";

const port = workerPort<"fail", { type: "failed"; message: string; hint: string }>();

port.onmessage = () => {
  port.postMessage({ type: "failed", message: "Cannot go on: a test", hint: "Look elsewhere" });
  port.close();
};
