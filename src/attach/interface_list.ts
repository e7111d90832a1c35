/**
 * What there is to record, and what is attached to it already. Attaches nothing: attaching in native
 * mode makes many drivers restart the link.
 *
 * @module
 */
import {
  listFilters,
  listLinks,
  listNativeXdp,
  type NetworkLink,
  queryTcx,
  SystemError,
} from "../../ffi/mod.ts";
import { UnsupportedError } from "../core/errors.ts";
import type { HookKind } from "./hook_kind.ts";
import { expectedHook } from "./hook_choice.ts";
import { hookFactsOf } from "./hook_facts.ts";
import { linkHeader } from "./link_header.ts";

/** A program at a TC hook. */
export interface TcProgram {
  readonly direction: "ingress" | "egress";
  /** Kernel-wide id, as `bpftool prog` shows it. */
  readonly programId: number;
}

/** One interface. */
export interface ListedInterface {
  readonly link: NetworkLink;
  /** Null if it has none or does not tell. */
  readonly driver: string | null;
  /** Whether the driver has native XDP as it is set up now; null if the kernel does not tell. */
  readonly nativeXdp: boolean | null;
  /** Features by the kernel's names, and whether they are on; null if unknown. */
  readonly features: ReadonlyMap<string, boolean> | null;
  /** What `record --mode auto` would take for ingress if no other XDP program were there, and why. */
  readonly expected: { readonly kind: HookKind; readonly reason: string };
  /** Programs at TCX, in the order in which they run; null without CAP_NET_ADMIN. */
  readonly tcx: readonly TcProgram[] | null;
  /** BPF programs at clsact, in the order in which they run. */
  readonly clsact: readonly TcProgram[];
}

/**
 * The interfaces of this network namespace, in the order of their indexes. Needs no privilege.
 *
 * @throws {SystemError} if the kernel cannot be asked
 */
export function listInterfaces(): ListedInterface[] {
  const links = listLinks();
  const factsOf = hookFactsOf(links, listNativeXdp());
  return links.map((link) => {
    const facts = factsOf(link);
    const { driver, nativeXdp, features } = facts;
    return {
      link,
      driver,
      nativeXdp,
      features,
      expected: expectedHook(facts, linkHeader(link) === "none"),
      tcx: tcxPrograms(link.index),
      clsact: clsactPrograms(link.index),
    };
  });
}

const DIRECTIONS = ["ingress", "egress"] as const;

/** @returns null if they cannot be asked for; none if the kernel has no TCX */
function tcxPrograms(ifindex: number): TcProgram[] | null {
  try {
    return DIRECTIONS.flatMap((direction) =>
      (queryTcx(ifindex, direction) ?? []).map((programId) => ({ direction, programId }))
    );
  } catch (error) {
    // No privilege, or no libbpf: the rest of the list is worth having.
    if (error instanceof UnsupportedError) return null;
    // The interface has gone since it was listed.
    if (error instanceof SystemError && error.code === "ENODEV") return [];
    throw error;
  }
}

function clsactPrograms(ifindex: number): TcProgram[] {
  return DIRECTIONS.flatMap((direction) =>
    listFilters(ifindex, direction)
      .filter(({ programId }) => programId !== 0)
      .map(({ programId }) => ({ direction, programId }))
  );
}
