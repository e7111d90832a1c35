/**
 * The packet generator as a process of its own, because it has to be inside a network namespace:
 * sends crafted frames out of an interface, as fast as one CPU can or at a rate.
 *
 *     deno run -A tests/bench/generator.ts '{"object":..., "interface":..., ...}'
 *
 * Prints one JSON object, {@linkcode LoadResult}.
 *
 * @module
 */
import { cpuUsage } from "node:process";
import { interfaceIndex, sendXdpLive } from "../../ffi/mod.ts";
import { udpFrame } from "../support/pcap.ts";
import { say } from "../support/print.ts";
import { type BenchProgram, loadBenchProgram } from "./bench_object.ts";

/** What is sent. */
export interface LoadPlan {
  /** Compiled object of the benchmark's programs. */
  readonly object: string;
  /** Interface that the frames leave by. */
  readonly interface: string;
  /** `udp`: 64-byte frames from `sources` addresses; `mix`: IMIX sizes, `flows` flows. */
  readonly traffic: "udp" | "mix";
  readonly sources: number;
  readonly flows: number;
  readonly packets: number;
  /** Packets per second on average, sent in bursts; 0 = as fast as it goes. */
  readonly rate: number;
}

/** What was sent. Times are milliseconds since 1970. */
export interface LoadResult {
  readonly packets: number;
  /**
   * CPU time of the sending thread, milliseconds: the sender's work and, in the same thread, all that
   * the receiver's kernel side does.
   */
  readonly cpuMs: number;
  readonly startedMs: number;
  readonly endedMs: number;
  /** The longest delay of a burst behind its time, milliseconds: large if the rate was not kept. */
  readonly behindMs: number;
}

/** A call to the kernel needs about 20 ms before its first packet, so bursts cannot be much shorter. */
const BURST_MS = 100;

/** Most packets of one call: bounds the time in which the process cannot be ended. */
const CALL_PACKETS = 5_000_000;

const UDP_FRAME_BYTES = 64;
const MIX_FRAME_BYTES = 1514;
const UDP_HEADERS_BYTES = 42;

/** Packets to a hardware address that nobody has: the receiver's stack drops them right after the taps. */
const DESTINATION_MAC = "02:00:00:00:00:99";

/** Where in time the `burst`-th burst of a paced load begins, milliseconds from the start. */
function dueMs(burst: number): number {
  return burst * BURST_MS;
}

function cpuMicroseconds(): number {
  const { user, system } = cpuUsage();
  return user + system;
}

async function generate(plan: LoadPlan): Promise<LoadResult> {
  const frameLength = plan.traffic === "mix" ? MIX_FRAME_BYTES : UDP_FRAME_BYTES;
  const frame = udpFrame({
    destinationMac: DESTINATION_MAC,
    sourceMac: "02:00:00:00:00:0a",
    source: "10.0.0.0",
    destination: "198.51.100.1",
    sourcePort: 1024,
    destinationPort: 9,
    payload: new Uint8Array(frameLength - UDP_HEADERS_BYTES),
  });
  const program: BenchProgram = plan.traffic === "mix" ? "generate_mix" : "generate_udp";
  const ifindex = interfaceIndex(plan.interface);
  const { sources, flows } = plan;
  using object = loadBenchProgram(plan.object, program, { ifindex, sources, flows, frameLength });
  const perCall = plan.rate === 0
    ? CALL_PACKETS
    : Math.min(CALL_PACKETS, Math.ceil(plan.rate * BURST_MS / 1000));
  const startedMs = Date.now();
  const startedCpu = cpuMicroseconds();
  const start = performance.now();
  let behindMs = 0;
  for (let sent = 0, burst = 0; sent < plan.packets; burst++) {
    if (plan.rate > 0) {
      const early = start + dueMs(burst) - performance.now();
      if (early > 0) await new Promise((resume) => setTimeout(resume, early));
      else behindMs = Math.max(behindMs, -early);
    }
    const count = Math.min(perCall, plan.packets - sent);
    sendXdpLive(object.programFd, frame, count);
    sent += count;
  }
  const cpuMs = (cpuMicroseconds() - startedCpu) / 1000;
  return { packets: plan.packets, cpuMs, startedMs, endedMs: Date.now(), behindMs };
}

if (import.meta.main) say(JSON.stringify(await generate(JSON.parse(Deno.args[0]!))));
