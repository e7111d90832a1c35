/**
 * Questions to the kernel over netlink, and the form of its answers: netlink(7), RFC 3549.
 *
 * @module
 */

import { cString } from "../linux/cstring.ts";
import { checkLibc, ERRNO, lastErrno, prepareErrno, SystemError } from "../linux/errno.ts";
import { libc } from "../linux/load_libc.ts";
import { allocate, closedError } from "../linux/native_memory.ts";

/** `sys/socket.h`. */
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;
/** `struct sockaddr_nl`: `include/uapi/linux/netlink.h`. */
const ADDRESS = { BYTES: 12, family: 0, groups: 8 } as const;

/** Protocols of netlink: `include/uapi/linux/netlink.h`. */
export const NETLINK_ROUTE = 0;
export const NETLINK_GENERIC = 16;

/** `struct nlmsghdr`, and flags and types of it: `include/uapi/linux/netlink.h`. */
const HEADER = { BYTES: 16, length: 0, type: 4, flags: 6, sequence: 8 } as const;
const NLM_F_REQUEST = 0x01;
const NLM_F_ACK = 0x04;
const NLM_F_DUMP = 0x300;
const NLM_F_DUMP_INTR = 0x10;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
/** Set in the type of an attribute that holds attributes; NLA_TYPE_MASK is the rest. */
const NLA_TYPE_MASK = 0x3fff;
const ATTRIBUTE_HEADER_BYTES = 4;

/** More than the kernel puts into one datagram of a dump (NLMSG_GOODSIZE, 32 KiB at most). */
const RECEIVE_BYTES = 1 << 17;

/** A list that keeps changing while it is read is read so many times. */
const DUMP_ATTEMPTS = 5;

/** Attributes of a message by their type; of several with one type the last. */
export type Attributes = ReadonlyMap<number, Uint8Array>;

/** Owner of a netlink socket. All calls block until the kernel, which answers at once, has answered. */
export class NetlinkSocket implements Disposable {
  #fd: number;
  #sequence = 0;
  readonly #buffer = allocate(RECEIVE_BYTES);

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * @param protocol {@link NETLINK_ROUTE} or {@link NETLINK_GENERIC}
   * @throws {SystemError} if the kernel has no such protocol or a sandbox forbids it
   */
  static open(protocol: number): NetlinkSocket {
    return new NetlinkSocket(checkLibc(
      "open a netlink socket",
      ({ socket }) => socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol),
    ));
  }

  /**
   * Listens to multicast groups as well: what they say is to be taken by {@linkcode take}.
   *
   * @param groups a bit for each
   * @throws {SystemError} if the kernel refuses it
   */
  join(operation: string, groups: number): void {
    const fd = this.#open();
    const address = allocate(ADDRESS.BYTES);
    const view = new DataView(address.buffer);
    view.setUint16(ADDRESS.family, AF_NETLINK, true);
    view.setUint32(ADDRESS.groups, groups, true);
    checkLibc(operation, ({ bind }) => bind(fd, address, address.length));
  }

  /**
   * What has come by itself, without waiting; views that are valid until the next call.
   *
   * @returns null when there is no more; none where the kernel had to throw messages away
   * @throws {SystemError} if it cannot be read
   */
  take(operation: string): Message[] | null {
    const fd = this.#open();
    const flags = MSG_TRUNC | MSG_DONTWAIT;
    for (;;) {
      prepareErrno();
      const received = libc().recv(fd, this.#buffer, BigInt(this.#buffer.length), flags);
      if (received >= 0n) {
        return received > BigInt(this.#buffer.length)
          ? []
          : messagesOf(this.#buffer.subarray(0, Number(received)));
      }
      const errno = lastErrno();
      if (errno === ERRNO.EAGAIN) return null;
      if (errno === ERRNO.ENOBUFS) return [];
      if (errno !== ERRNO.EINTR) throw new SystemError(operation, errno);
    }
  }

  /**
   * Asks for one thing.
   *
   * @param operation what is attempted, for errors: `Cannot <operation>`
   * @param type message type
   * @param payload what follows the message header
   * @returns payloads of the answer, copies; none if the kernel only acknowledges
   * @throws {SystemError} with the kernel's error number
   */
  ask(operation: string, type: number, payload: Uint8Array): Uint8Array[] {
    return this.#exchange(operation, type, NLM_F_ACK, payload).payloads;
  }

  /**
   * Asks for a list.
   *
   * @returns payloads of its elements, copies
   * @throws {SystemError} with the kernel's error number; `EINTR` if the list changed at every attempt
   */
  list(operation: string, type: number, payload: Uint8Array): Uint8Array[] {
    for (let attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
      const { payloads, interrupted } = this.#exchange(operation, type, NLM_F_DUMP, payload);
      if (!interrupted) return payloads;
    }
    throw new SystemError(operation, ERRNO.EINTR);
  }

  #exchange(operation: string, type: number, flags: number, payload: Uint8Array) {
    const fd = this.#open();
    const sequence = ++this.#sequence;
    const request = allocate(HEADER.BYTES + payload.length);
    const view = new DataView(request.buffer);
    view.setUint32(HEADER.length, request.length, true);
    view.setUint16(HEADER.type, type, true);
    view.setUint16(HEADER.flags, NLM_F_REQUEST | flags, true);
    view.setUint32(HEADER.sequence, sequence, true);
    request.set(payload, HEADER.BYTES);
    checkLibc(operation, ({ send }) => send(fd, request, BigInt(request.length), 0));

    const payloads: Uint8Array[] = [];
    let interrupted = false;
    for (;;) {
      for (const message of messagesOf(this.#receive(operation))) {
        if (message.sequence !== sequence) continue;
        interrupted ||= (message.flags & NLM_F_DUMP_INTR) !== 0;
        if (message.type === NLMSG_DONE || message.type === NLMSG_ERROR) {
          // Both start with a negative error number, or 0.
          const error = message.payload.length < 4 ? 0 : -int32(message.payload, 0);
          if (error > 0) throw new SystemError(operation, error);
          return { payloads, interrupted };
        }
        payloads.push(message.payload.slice());
      }
    }
  }

  /** The next datagram; valid until the next call. */
  #receive(operation: string): Uint8Array {
    const fd = this.#open();
    prepareErrno();
    for (;;) {
      const received = libc().recv(fd, this.#buffer, BigInt(this.#buffer.length), MSG_TRUNC);
      if (received < 0n) {
        if (lastErrno() === ERRNO.EINTR) continue;
        throw new SystemError(operation, lastErrno());
      }
      if (received > BigInt(this.#buffer.length)) throw new SystemError(operation, ERRNO.ENOSPC);
      return this.#buffer.subarray(0, Number(received));
    }
  }

  #open(): number {
    if (this.#fd < 0) throw closedError("NetlinkSocket");
    return this.#fd;
  }

  [Symbol.dispose](): void {
    if (this.#fd < 0) return;
    libc().close(this.#fd);
    this.#fd = -1;
  }
}

/** One message of a datagram. */
export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

/** The messages of a datagram. What is cut off or lies about its length ends it. */
export function messagesOf(datagram: Uint8Array): Message[] {
  const messages: Message[] = [];
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
  for (let start = 0; start + HEADER.BYTES <= datagram.length;) {
    const length = view.getUint32(start + HEADER.length, true);
    if (length < HEADER.BYTES || start + length > datagram.length) break;
    messages.push({
      type: view.getUint16(start + HEADER.type, true),
      flags: view.getUint16(start + HEADER.flags, true),
      sequence: view.getUint32(start + HEADER.sequence, true),
      payload: datagram.subarray(start + HEADER.BYTES, start + length),
    });
    start += align(length);
  }
  return messages;
}

/**
 * The attributes in `bytes`, as views of it. What is cut off or lies about its length ends the list.
 */
export function attributesOf(bytes: Uint8Array): Attributes {
  return new Map(attributeList(bytes));
}

/** As {@link attributesOf}, in order and with those of the same type. */
export function attributeList(bytes: Uint8Array): [type: number, value: Uint8Array][] {
  const attributes: [number, Uint8Array][] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let start = 0; start + ATTRIBUTE_HEADER_BYTES <= bytes.length;) {
    const length = view.getUint16(start, true);
    if (length < ATTRIBUTE_HEADER_BYTES || start + length > bytes.length) break;
    const type = view.getUint16(start + 2, true) & NLA_TYPE_MASK;
    attributes.push([type, bytes.subarray(start + ATTRIBUTE_HEADER_BYTES, start + length)]);
    start += align(length);
  }
  return attributes;
}

/** An attribute with its padding. */
export function attribute(type: number, value: Uint8Array): Uint8Array {
  const length = ATTRIBUTE_HEADER_BYTES + value.length;
  const bytes = new Uint8Array(align(length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, length, true);
  view.setUint16(2, type, true);
  bytes.set(value, ATTRIBUTE_HEADER_BYTES);
  return bytes;
}

/** An attribute with a text. */
export function textAttribute(type: number, text: string): Uint8Array {
  return attribute(type, cString(text));
}

/** Unsigned 32-bit value of an attribute, in the machine's byte order; undefined if it is not there. */
export function uint32(value: Uint8Array | undefined): number | undefined {
  return value === undefined || value.length < 4 ? undefined : int32(value, 0) >>> 0;
}

/** Unsigned 64-bit value of an attribute, in the machine's byte order; undefined if it is not there. */
export function uint64(value: Uint8Array | undefined): bigint | undefined {
  if (value === undefined || value.length < 8) return undefined;
  return new DataView(value.buffer, value.byteOffset, value.length).getBigUint64(0, true);
}

function int32(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getInt32(offset, true);
}

/** Messages and attributes start at multiples of 4 bytes. */
function align(length: number): number {
  return (length + 3) & ~3;
}
