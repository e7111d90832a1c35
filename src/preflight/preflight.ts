/**
 * All probes of `check`, run against this machine.
 *
 * @module
 */
import { statfsSync } from "node:fs";
import { kernelTypes, raiseDescriptorLimit } from "../../ffi/mod.ts";
import { provideDuckdb } from "../../ffi/duckdb/duckdb_addon.ts";
import { type DescriptorNeed, descriptorNeed } from "../attach/descriptor_need.ts";
import { ownConfinement } from "../core/confinement.ts";
import { RunError } from "../core/errors.ts";
import { allowedMemory, neededMemory } from "../core/memory_limit.ts";
import { systemReason } from "../core/system_reason.ts";
import { directoriesWithLeftovers } from "../query/leftovers.ts";
import { OutputFile } from "../sinks/output/output_file.ts";
import { probeBpf } from "./bpf_probes.ts";
import type { PreflightFacts, Probe } from "./facts.ts";
import { probeInterfaces } from "./interface_probes.ts";
import { attempt, failureOf } from "./probe.ts";

/** Attach points of an interface: in and out. */
const DIRECTIONS = 2;

/** What a recording would be asked for. */
export interface PreflightSettings {
  /** Names as for `record -i`; none = the interface of the default route. */
  readonly interfaces: readonly string[];
  /** Path of the file to write. */
  readonly output: string;
  /** Size of the ring. */
  readonly ringBytes: number;
}

/** Tries out what a recording needs. Changes no interface and leaves nothing behind. */
export async function preflight(settings: PreflightSettings): Promise<PreflightFacts> {
  raiseDescriptorLimit();
  const confinement = ownConfinement();
  const interfaces = probeInterfaces(settings.interfaces);
  const descriptors = descriptorNeed(DIRECTIONS * interfaces.length);
  return {
    confinement,
    descriptors,
    kernelRelease: Deno.osRelease(),
    kernelTypes: kernelTypes(),
    ...probeBpf(obstacle(confinement.missingCapabilities, descriptors), settings.ringBytes),
    duckdb: await probeDuckdb(),
    output: { path: settings.output, freeBytes: attempt(() => probeOutput(settings.output)) },
    memory: { allowed: allowedMemory(), needed: neededMemory(settings.ringBytes) },
    leftovers: directoriesWithLeftovers([settings.output]),
    interfaces,
  };
}

/** Why nothing can be learned from trying; undefined if something can. */
function obstacle(missing: readonly string[], { needed, limit }: DescriptorNeed) {
  if (missing.length > 0) return `${missing.join(", ")} missing`;
  return needed > limit ? "too few open files are allowed" : undefined;
}

/** Bytes that this user may still write where the output would be. */
function probeOutput(path: string): number {
  // The work directory is made and removed: whether that works is what matters.
  using output = OutputFile.prepare(path, { noClobber: false, nameInDirectory: "any.parquet" });
  const { bavail, bsize } = statfsSync(output.workDirectory);
  return bavail * bsize;
}

async function probeDuckdb(): Promise<Probe<string>> {
  try {
    // The native library is loaded by the import.
    provideDuckdb();
    const { QuerySession } = await import("../query/session.ts");
    using session = await QuerySession.open([]);
    const [row] = await session.rows("SELECT version()");
    return { result: "done", value: String(row?.[0]).replace(/^v/, "") };
  } catch (cause) {
    const [line = ""] = systemReason(cause).split("\n", 1);
    return failureOf(
      new RunError(`Cannot start DuckDB: ${line}`, {
        hint: "Install the program again: the library of the database belongs to it",
        cause,
      }),
    );
  }
}
