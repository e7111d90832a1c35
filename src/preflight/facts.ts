/**
 * What the probes of `check` find out, before anybody judges it.
 *
 * @module
 */
import type { HookKind, ProgramName } from "../attach/hook_kind.ts";
import type { DescriptorNeed } from "../attach/descriptor_need.ts";
import type { Confinement } from "../core/confinement.ts";

/** What came out of a probe: what it gave, why it failed, or why it was not tried. */
export type Probe<T> =
  | { readonly result: "done"; readonly value: T }
  | { readonly result: "failed"; readonly reason: string; readonly hint: string | undefined }
  | { readonly result: "skipped"; readonly reason: string };

/** Where the programs were attached for a try: loopback of a network namespace made for it. */
export interface AttachFacts {
  /** A bpf_link of an XDP program. */
  readonly xdp: Probe<true>;
  /** The hook that egress got. */
  readonly egress: Probe<"tcx" | "clsact">;
}

/** One interface. */
export interface InterfaceFacts {
  readonly name: string;
  /** Operational state, RFC 2863. */
  readonly state: string;
  readonly mtu: number;
  /** Whether its packets have no Ethernet header: then it is recorded at TC only. */
  readonly bare: boolean;
  /** Null if it has none or does not tell. */
  readonly driver: string | null;
  /** Whether the driver has native XDP as it is set up now; null if the kernel does not tell. */
  readonly nativeXdp: boolean | null;
  readonly xdp: { readonly programId: number; readonly mode: string } | null;
  /** Kernel-wide ids of the programs at TC egress, which run before ours. */
  readonly egressPrograms: readonly number[];
  /** Features by the kernel's names, and whether they are on; null if unknown. */
  readonly features: ReadonlyMap<string, boolean> | null;
  /** What `record --mode auto` would take for ingress, and why. */
  readonly expected: { readonly kind: HookKind; readonly reason: string };
}

/** Everything that is probed. */
export interface PreflightFacts {
  readonly confinement: Confinement;
  /** Open files that a recording of the interfaces takes, and may have. */
  readonly descriptors: DescriptorNeed;
  /** Release of the kernel, `6.18.44-amd64`. */
  readonly kernelRelease: string;
  /** Path of the kernel's own type information; null if there is none. */
  readonly kernelTypes: string | null;
  /** Release of libbpf. */
  readonly libbpf: Probe<string>;
  /** Bytes of the ring that could be made. */
  readonly ring: Probe<number>;
  readonly programs: Readonly<Record<ProgramName, Probe<true>>>;
  readonly attach: AttachFacts;
  /** Release of DuckDB. */
  readonly duckdb: Probe<string>;
  /** Free bytes where the output would be. */
  readonly output: { readonly path: string; readonly freeBytes: Probe<number> };
  /** Where killed recorders have left packets: the directory of the output, or nowhere. */
  readonly leftovers: readonly string[];
  /** By what the user called them; "" = the interface of the default route, which is not known. */
  readonly interfaces: readonly {
    readonly wanted: string;
    readonly facts: Probe<InterfaceFacts>;
  }[];
}
