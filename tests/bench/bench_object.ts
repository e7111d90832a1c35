/**
 * The benchmark's own BPF programs, compiled for one run.
 *
 * @module
 */
import { join } from "node:path";
import { BpfObject } from "../../ffi/mod.ts";
import { check } from "../support/child_process.ts";

const SOURCE = join(import.meta.dirname!, "programs.bpf.c");

/** Same code generation as `bpf/build.ts`, so that programs can be compared. */
const COMPILER = ["clang-14", "-O2", "-g", "-Wall", "-Werror", "-target", "bpf", "-mcpu=v3"];

/** Programs in the object. */
export type BenchProgram = "pass" | "count_and_pass" | "generate_udp" | "generate_mix";

/** Flows that `generate_mix` can keep apart: `MAX_FLOWS` in programs.bpf.c. */
export const MAX_FLOWS = 16_384;

/** What `struct bench_config` in programs.bpf.c says. */
export interface BenchConfig {
  readonly ifindex?: number;
  readonly sources?: number;
  readonly flows?: number;
  readonly frameLength?: number;
}

/** Compiles the programs to `path`. */
export async function compileBenchObject(path: string): Promise<void> {
  const headers = `-I/usr/include/${Deno.build.arch}-linux-gnu`;
  await check([...COMPILER, headers, "-c", SOURCE, "-o", path]);
}

/** Loads one of the programs from the object file at `path`. Needs root. */
export function loadBenchProgram(
  path: string,
  program: BenchProgram,
  config: BenchConfig = {},
): BpfObject {
  const words = new Uint32Array([
    config.ifindex ?? 0,
    config.sources ?? 1,
    config.flows ?? MAX_FLOWS,
    config.frameLength ?? 0,
  ]);
  return BpfObject.load(Deno.readFileSync(path), {
    program,
    config: new Uint8Array(words.buffer),
  });
}
