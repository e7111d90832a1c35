/**
 * Attachment of a TC program as a filter of a clsact qdisc, for kernels without TCX. The kernel keeps
 * such a filter until somebody removes it, also when the process that made it has died. So the owner
 * removes it on every way out of the process, and what a killed one left behind is found by
 * {@link removeLeftoverFilters} and known by its handle, its priority and its program's name.
 *
 * @module
 */

import { ERRNO, SystemError } from "../linux/errno.ts";
import { withCapabilities } from "../linux/capability_set.ts";
import { libbpf } from "./load_libbpf.ts";
import { allocate } from "../linux/native_memory.ts";
import { filterQdiscKind, listFilters, type QdiscFilter } from "../netlink/netlink_filters.ts";
import { FilterClaim } from "./filter_claim.ts";
import { checkPrivileged } from "../linux/privilege.ts";

/**
 * Priority of our filters: filters run in ascending order. Early, because a filter that accepts a
 * packet hides it from all later ones; not the 1 that most tools take for themselves.
 */
export const FILTER_PRIORITY = 7;

/** Handles of our filters, "XI" and whether the qdisc that they hang on was made for them. */
export const FILTER_HANDLE = { ownQdisc: 0x5849_0001, foreignQdisc: 0x5849_0002 } as const;

/** `struct bpf_tc_hook`: `bpf/libbpf.h`. */
const HOOK = { BYTES: 24, sz: 0, ifindex: 8, attach_point: 12, parent: 16 } as const;
/** `struct bpf_tc_opts`: `bpf/libbpf.h`. */
const OPTIONS = {
  BYTES: 32,
  sz: 0,
  prog_fd: 8,
  flags: 12,
  prog_id: 16,
  handle: 20,
  priority: 24,
} as const;

/** `enum bpf_tc_attach_point`: `bpf/libbpf.h`. Both together stand for the qdisc itself. */
const ATTACH_POINT = { ingress: 1, egress: 2, qdisc: 3 } as const;

/** The kernel keeps so many bytes of a program's name: BPF_OBJ_NAME_LEN, without the NUL. */
const PROGRAM_NAME_BYTES = 15;

type Direction = "ingress" | "egress";

const DIRECTIONS: readonly Direction[] = ["ingress", "egress"];

/** Filters to remove should the process end without disposing of them. */
const attached = new Set<TcFilter>();

/** Owner of one filter. */
export class TcFilter implements Disposable {
  readonly #ifindex: number;
  readonly #direction: Direction;
  readonly #handle: number;
  readonly #claim: FilterClaim;
  #open = true;

  private constructor(ifindex: number, direction: Direction, handle: number, claim: FilterClaim) {
    this.#ifindex = ifindex;
    this.#direction = direction;
    this.#handle = handle;
    this.#claim = claim;
    if (attached.size === 0) globalThis.addEventListener("unload", removeAll);
    attached.add(this);
  }

  /**
   * Attaches a TC program to the interface with index `ifindex` (in this network namespace) in
   * direct-action mode: its result is the verdict. Makes the clsact qdisc if there is none.
   *
   * Call {@link removeLeftoverFilters} before.
   *
   * @throws {UnsupportedError} if a privilege is missing
   * @throws {SystemError} `EADDRINUSE` if another process has a filter of ours there, `ENOENT` if the
   * kernel has no clsact or no BPF classifier, `EEXIST` for egress if there is a qdisc for ingress only,
   * `EINVAL` if a filter of another kind has our priority,
   * `ENODEV` if there is no such interface
   */
  static attach(programFd: number, ifindex: number, direction: Direction): TcFilter {
    const claim = FilterClaim.take(ifindex, direction);
    try {
      const created = createQdisc(ifindex);
      if (!created) refuseIngressQdisc(ifindex, direction);
      const ownQdisc = created || hasOwnQdisc(ifindex);
      const handle = ownQdisc ? FILTER_HANDLE.ownQdisc : FILTER_HANDLE.foreignQdisc;
      const opts = filterOptions(handle);
      new DataView(opts.buffer).setInt32(OPTIONS.prog_fd, programFd, true);
      const result = libbpf().bpf_tc_attach(hookOf(ifindex, direction), opts);
      if (result < 0 && ownQdisc) removeEmptyQdisc(ifindex);
      checkPrivileged(`attach the filter to interface ${ifindex} at ${direction}`, result);
      return new TcFilter(ifindex, direction, handle, claim);
    } catch (error) {
      claim[Symbol.dispose]();
      throw error;
    }
  }

  /** Whether the filter is still there: it goes with its interface, and others can remove it. */
  isAttached(): boolean {
    if (!this.#open) return false;
    const hook = hookOf(this.#ifindex, this.#direction);
    return libbpf().bpf_tc_query(hook, filterOptions(this.#handle)) === 0;
  }

  /**
   * Removes the filter, and the qdisc if it was made for it and has no other filter. The program may
   * still finish where it is running: see `synchronizeRcu`.
   */
  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    attached.delete(this);
    if (attached.size === 0) globalThis.removeEventListener("unload", removeAll);
    try {
      // All else has been given up when a recording ends.
      withCapabilities(["NET_ADMIN"], () => {
        // Fails if the filter has gone, for example with its interface.
        removeFilter(this.#ifindex, this.#direction, this.#handle);
        if (this.#handle === FILTER_HANDLE.ownQdisc) removeEmptyQdisc(this.#ifindex);
      });
    } finally {
      this.#claim[Symbol.dispose]();
    }
  }
}

/**
 * Removes filters of ours from both directions of an interface unless the process that made them
 * still runs: a killed one leaves them behind. Nobody else's filter is touched, nor a qdisc that was
 * there before us or that others use now.
 *
 * @param programs names of the programs in the BPF object that may be ours
 * @returns number of filters removed
 * @throws {SystemError} if the kernel cannot be asked
 */
export function removeLeftoverFilters(ifindex: number, programs: readonly string[]): number {
  let removed = 0;
  let ownQdisc = false;
  for (const direction of DIRECTIONS) {
    const leftovers = listFilters(ifindex, direction).filter((one) => isOurs(one, programs));
    if (leftovers.length === 0) continue;
    using claim = FilterClaim.tryTake(ifindex, direction);
    if (claim === null) continue;
    for (const { handle } of leftovers) {
      checkPrivileged(
        `remove the filter that an earlier run left on interface ${ifindex} at ${direction}`,
        removeFilter(ifindex, direction, handle),
      );
      removed++;
      ownQdisc ||= handle === FILTER_HANDLE.ownQdisc;
    }
  }
  if (ownQdisc) removeEmptyQdisc(ifindex);
  return removed;
}

function isOurs(filter: QdiscFilter, programs: readonly string[]): boolean {
  const isHandle = Object.values(FILTER_HANDLE).some((handle) => handle === filter.handle);
  // libbpf calls a filter "<program>:[<id>]" (src/netlink.c, tc_add_fd_and_name).
  const name = filter.name.replace(/:\[\d+\]$/, "");
  return isHandle && filter.kind === "bpf" && filter.priority === FILTER_PRIORITY &&
    programs.some((program) => program.slice(0, PROGRAM_NAME_BYTES) === name);
}

/** @returns whether there was none before */
function createQdisc(ifindex: number): boolean {
  const result = libbpf().bpf_tc_hook_create(hookOf(ifindex, "qdisc"));
  if (result === -ERRNO.EEXIST) return false;
  checkPrivileged(`make the clsact qdisc of interface ${ifindex}`, result);
  return true;
}

/**
 * A qdisc of kind `ingress` takes a filter for egress, and runs it at ingress (net/sched/sch_ingress.c,
 * `ingress_tcf_block`): the packets would be recorded with the wrong direction.
 */
function refuseIngressQdisc(ifindex: number, direction: Direction): void {
  if (direction === "ingress" || filterQdiscKind(ifindex) === "clsact") return;
  throw new SystemError(`make the clsact qdisc of interface ${ifindex}`, ERRNO.EEXIST);
}

/** Whether the qdisc was made by the owner of the other direction's filter. */
function hasOwnQdisc(ifindex: number): boolean {
  return DIRECTIONS.some((direction) =>
    listFilters(ifindex, direction).some(({ handle, kind, priority }) =>
      handle === FILTER_HANDLE.ownQdisc && kind === "bpf" && priority === FILTER_PRIORITY
    )
  );
}

/** Another's filter that comes between the question and the removal is lost: there is no lock. */
function removeEmptyQdisc(ifindex: number): void {
  if (DIRECTIONS.some((direction) => listFilters(ifindex, direction).length > 0)) return;
  libbpf().bpf_tc_hook_destroy(hookOf(ifindex, "qdisc"));
}

/** @returns 0 or a negative error number */
function removeFilter(ifindex: number, direction: Direction, handle: number): number {
  return libbpf().bpf_tc_detach(hookOf(ifindex, direction), filterOptions(handle));
}

function hookOf(ifindex: number, point: keyof typeof ATTACH_POINT): Uint8Array<ArrayBuffer> {
  const hook = allocate(HOOK.BYTES);
  const view = new DataView(hook.buffer);
  view.setBigUint64(HOOK.sz, BigInt(HOOK.BYTES), true);
  view.setInt32(HOOK.ifindex, ifindex, true);
  view.setUint32(HOOK.attach_point, ATTACH_POINT[point], true);
  return hook;
}

function filterOptions(handle: number): Uint8Array<ArrayBuffer> {
  const opts = allocate(OPTIONS.BYTES);
  const view = new DataView(opts.buffer);
  view.setBigUint64(OPTIONS.sz, BigInt(OPTIONS.BYTES), true);
  view.setUint32(OPTIONS.handle, handle, true);
  view.setUint32(OPTIONS.priority, FILTER_PRIORITY, true);
  return opts;
}

/** `Deno.exit` runs this, after an error that nobody caught too. */
function removeAll(): void {
  for (const filter of [...attached]) filter[Symbol.dispose]();
}
