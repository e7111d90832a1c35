/**
 * Which filters hang on the clsact qdisc of an interface: rtnetlink(7). Needs no privilege.
 *
 * @module
 */

import { textFromCString } from "../linux/cstring.ts";
import { ERRNO, SystemError } from "../linux/errno.ts";
import { attributesOf, NETLINK_ROUTE, NetlinkSocket, uint32 } from "./netlink.ts";

/** `include/uapi/linux/rtnetlink.h`. */
const RTM_GETQDISC = 38;
const RTM_GETTFILTER = 46;

/** `struct tcmsg`: `include/uapi/linux/rtnetlink.h`. */
const TCMSG = { BYTES: 20, ifindex: 4, handle: 8, parent: 12, info: 16 } as const;

/** TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS or TC_H_MIN_EGRESS): `include/uapi/linux/pkt_sched.h`. */
const PARENT = { ingress: 0xfffffff2, egress: 0xfffffff3 } as const;
/** TC_H_CLSACT, which is TC_H_INGRESS: the one place for a qdisc of kind `clsact` or `ingress`. */
const CLSACT_PARENT = 0xfffffff1;

/** Attributes: `include/uapi/linux/rtnetlink.h`, and of cls_bpf: `include/uapi/linux/pkt_cls.h`. */
const TCA_KIND = 1;
const TCA_OPTIONS = 2;
const TCA_BPF_NAME = 7;
const TCA_BPF_ID = 11;

/** One filter, or the head of a priority's list of filters, which has handle 0. */
export interface QdiscFilter {
  readonly handle: number;
  /** Filters run in ascending order of their priorities. */
  readonly priority: number;
  /** Classifier, such as `bpf` or `flower`. */
  readonly kind: string;
  /** Of kind `bpf`: what the one who attached it called it, of libbpf `<program>:[<id>]`; else "". */
  readonly name: string;
  /** Of kind `bpf`: id of the program; else 0. */
  readonly programId: number;
}

/**
 * The filters of one direction of the interface with index `ifindex`, in the order in which they
 * run. None if there is no clsact qdisc, or no such interface.
 *
 * @throws {SystemError} if the kernel cannot be asked
 */
export function listFilters(ifindex: number, direction: "ingress" | "egress"): QdiscFilter[] {
  const request = new Uint8Array(TCMSG.BYTES);
  const view = new DataView(request.buffer);
  view.setInt32(TCMSG.ifindex, ifindex, true);
  view.setUint32(TCMSG.parent, PARENT[direction], true);
  const filters = dump(
    `list the ${direction} filters of interface ${ifindex}`,
    RTM_GETTFILTER,
    request,
  ).map(parseFilter);
  // A qdisc of kind `ingress` gives its filters for those of egress too (net/sched/sch_ingress.c,
  // `ingress_tcf_block`).
  const isIngress = direction === "egress" && filters.length > 0 &&
    filterQdiscKind(ifindex) !== "clsact";
  return isIngress ? [] : filters;
}

/**
 * Kind of the qdisc that filters of the interface with index `ifindex` hang on: `clsact` for both
 * directions, `ingress` for that one; null if there is none.
 *
 * @throws {SystemError} if the kernel cannot be asked
 */
export function filterQdiscKind(ifindex: number): string | null {
  const operation = `list the qdiscs of interface ${ifindex}`;
  for (const payload of dump(operation, RTM_GETQDISC, new Uint8Array(TCMSG.BYTES))) {
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    const isPlace = view.getInt32(TCMSG.ifindex, true) === ifindex &&
      view.getUint32(TCMSG.parent, true) === CLSACT_PARENT;
    if (isPlace) return textFromCString(attributesOf(payload.subarray(TCMSG.BYTES)).get(TCA_KIND)!);
  }
  return null;
}

/** Payloads of at least a `struct tcmsg`; none if the kernel was built without traffic control. */
function dump(operation: string, type: number, request: Uint8Array): Uint8Array[] {
  using socket = NetlinkSocket.open(NETLINK_ROUTE);
  try {
    return socket.list(operation, type, request)
      .filter((payload) => payload.length >= TCMSG.BYTES);
  } catch (error) {
    // No handler for the message type: net/core/rtnetlink.c, rtnetlink_rcv_msg.
    if (error instanceof SystemError && error.errno === ERRNO.EOPNOTSUPP) return [];
    throw error;
  }
}

/** Reads the payload of an RTM_NEWTFILTER message. */
export function parseFilter(payload: Uint8Array): QdiscFilter {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const attributes = attributesOf(payload.subarray(TCMSG.BYTES));
  const kind = textFromCString(attributes.get(TCA_KIND) ?? new Uint8Array());
  const options = attributesOf(
    kind === "bpf" ? attributes.get(TCA_OPTIONS) ?? new Uint8Array() : new Uint8Array(),
  );
  return {
    handle: view.getUint32(TCMSG.handle, true),
    // The lower half is the protocol.
    priority: view.getUint32(TCMSG.info, true) >>> 16,
    kind,
    name: textFromCString(options.get(TCA_BPF_NAME) ?? new Uint8Array()),
    programId: uint32(options.get(TCA_BPF_ID)) ?? 0,
  };
}
