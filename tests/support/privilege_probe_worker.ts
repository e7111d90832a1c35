/**
 * A thread of privilege_probe.ts: tries the acts when it is sent what they are about.
 *
 * @module
 */
import { workerPort } from "../../src/core/worker_port.ts";
import { type ActsOn, possibleActs } from "./forbidden_acts.ts";

const port = workerPort<ActsOn | null, string[]>();

port.onmessage = ({ data }) => port.postMessage(data === null ? [] : possibleActs(data));
