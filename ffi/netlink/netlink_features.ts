/**
 * What drivers say that they can do with XDP: the generic netlink family `netdev` of Linux 6.3
 * (`Documentation/netlink/specs/netdev.yaml`). Needs no privilege, attaches nothing.
 *
 * @module
 */

import { SystemError } from "../linux/errno.ts";
import {
  attributesOf,
  NETLINK_GENERIC,
  NetlinkSocket,
  textAttribute,
  uint32,
  uint64,
} from "./netlink.ts";

/** `struct genlmsghdr` (command, version, reserved) and the family of families: `genetlink.h`. */
const GENERIC_HEADER_BYTES = 4;
const GENL_ID_CTRL = 16;
const CTRL_CMD_GETFAMILY = 3;
const CTRL_ATTR_FAMILY_ID = 1;
const CTRL_ATTR_FAMILY_NAME = 2;

/** `include/uapi/linux/netdev.h`. */
const NETDEV_CMD_DEV_GET = 1;
const NETDEV_A_DEV_IFINDEX = 1;
const NETDEV_A_DEV_XDP_FEATURES = 3;
/** The driver runs XDP programs, and knows XDP_PASS, XDP_DROP, XDP_TX and XDP_ABORTED. */
const NETDEV_XDP_ACT_BASIC = 1n;

/**
 * Whether the driver of each interface has native XDP, in its present configuration, by the index of
 * the interface in this network namespace. Empty where the kernel cannot say (before Linux 6.3).
 *
 * @throws {SystemError} if the kernel cannot be asked
 */
export function listNativeXdp(): Map<number, boolean> {
  using socket = NetlinkSocket.open(NETLINK_GENERIC);
  const family = netdevFamily(socket);
  if (family === undefined) return new Map();
  const entries = socket.list(
    "list the XDP features of the network interfaces",
    family,
    Uint8Array.of(NETDEV_CMD_DEV_GET, 1, 0, 0),
  ).flatMap((payload): [number, boolean][] => {
    const attributes = attributesOf(payload.subarray(GENERIC_HEADER_BYTES));
    const index = uint32(attributes.get(NETDEV_A_DEV_IFINDEX));
    const features = uint64(attributes.get(NETDEV_A_DEV_XDP_FEATURES));
    if (index === undefined || features === undefined) return [];
    return [[index, (features & NETDEV_XDP_ACT_BASIC) !== 0n]];
  });
  return new Map(entries);
}

/** Message type of the family; undefined if the kernel has none. */
function netdevFamily(socket: NetlinkSocket): number | undefined {
  const request = new Uint8Array([
    ...[CTRL_CMD_GETFAMILY, 1, 0, 0],
    ...textAttribute(CTRL_ATTR_FAMILY_NAME, "netdev"),
  ]);
  try {
    const [answer] = socket.ask("look up the netlink family netdev", GENL_ID_CTRL, request);
    const attributes = attributesOf(answer?.subarray(GENERIC_HEADER_BYTES) ?? new Uint8Array());
    const id = attributes.get(CTRL_ATTR_FAMILY_ID);
    return id && new DataView(id.buffer, id.byteOffset, id.length).getUint16(0, true);
  } catch (error) {
    if (error instanceof SystemError && error.code === "ENOENT") return undefined;
    throw error;
  }
}
