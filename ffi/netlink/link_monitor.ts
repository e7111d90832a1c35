/**
 * What becomes of network interfaces while a program runs: rtnetlink(7), RTNLGRP_LINK. Needs no privilege.
 *
 * @module
 */

import { NETLINK_ROUTE, NetlinkSocket } from "./netlink.ts";
import { type LinkMessage, linkOf, type NetworkLink, parseLinkMessage } from "./netlink_links.ts";

/** `include/uapi/linux/rtnetlink.h`. */
const RTMGRP_LINK = 1;

/** More at a time are left for the next call: a machine may make interfaces without end. */
const MAX_DATAGRAMS = 4096;

/** Owner of two sockets: one hears what changes, one asks. */
export class LinkMonitor implements Disposable {
  readonly #resources = new DisposableStack();
  readonly #changes: NetlinkSocket;
  readonly #questions: NetlinkSocket;

  private constructor() {
    try {
      this.#changes = this.#resources.use(NetlinkSocket.open(NETLINK_ROUTE));
      this.#changes.join("listen to changes of interfaces", RTMGRP_LINK);
      this.#questions = this.#resources.use(NetlinkSocket.open(NETLINK_ROUTE));
    } catch (error) {
      this.#resources.dispose();
      throw error;
    }
  }

  /** @throws {SystemError} if the kernel cannot be asked */
  static open(): LinkMonitor {
    return new LinkMonitor();
  }

  /**
   * What has changed since the last call, in order. With very many changes some are missing: what counts
   * in the end is {@linkcode link}.
   *
   * @throws {SystemError} if the kernel cannot be asked
   */
  takeChanges(): LinkMessage[] {
    const found: LinkMessage[] = [];
    for (let datagram = 0; datagram < MAX_DATAGRAMS; datagram++) {
      const messages = this.#changes.take("hear of changes of interfaces");
      if (messages === null) break;
      for (const { type, payload } of messages) {
        const message = parseLinkMessage(type, payload);
        if (message !== null) found.push(message);
      }
    }
    return found;
  }

  /**
   * The interface with that index as it is now; null if there is none here.
   *
   * @throws {SystemError} if the kernel cannot be asked
   */
  link(ifindex: number): NetworkLink | null {
    return linkOf(this.#questions, ifindex);
  }

  [Symbol.dispose](): void {
    this.#resources.dispose();
  }
}
