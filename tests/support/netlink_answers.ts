/**
 * Answers of the kernel over netlink(7) in the hands of a test: cut off, interrupted, out of step.
 *
 * @module
 */
import { libc } from "../../ffi/linux/load_libc.ts";
import { replaceNative } from "./native_stand_ins.ts";

/** `struct nlmsghdr`, and types of it: `include/uapi/linux/netlink.h`. */
const HEADER_BYTES = 16;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;

/** What was asked. */
export interface NetlinkRequest {
  readonly type: number;
  readonly sequence: number;
  /** What follows the message header. */
  readonly payload: Uint8Array;
}

/** One message, padded to the next one. */
export function netlinkMessage(
  type: number,
  sequence: number,
  payload: Uint8Array = new Uint8Array(4),
  flags = 0,
): Uint8Array {
  const length = HEADER_BYTES + payload.length;
  const bytes = new Uint8Array((length + 3) & ~3);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, sequence, true);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

/** The end of a list. */
export function netlinkDone(sequence: number, flags = 0): Uint8Array {
  return netlinkMessage(NLMSG_DONE, sequence, new Uint8Array(4), flags);
}

/** A refusal. */
export function netlinkError(sequence: number, errno: number): Uint8Array {
  return netlinkMessage(
    NLMSG_ERROR,
    sequence,
    new Uint8Array(new Int32Array([-errno, 0, 0, 0, 0]).buffer),
  );
}

/**
 * Answers every question that this thread asks over netlink, until it is disposed of.
 *
 * @param answer the datagrams with which a question is answered, each of one or several messages
 */
export function answerNetlink(answer: (request: NetlinkRequest) => Uint8Array[]): Disposable {
  let datagrams: Uint8Array[] = [];
  return replaceNative(libc(), {
    send: (_fd: number, request: Uint8Array) => {
      const view = new DataView(request.buffer, request.byteOffset, request.length);
      datagrams.push(...answer({
        type: view.getUint16(4, true),
        sequence: view.getUint32(8, true),
        payload: request.slice(HEADER_BYTES),
      }));
      return BigInt(request.length);
    },
    recv: (_fd: number, buffer: Uint8Array) => {
      const [datagram, ...rest] = datagrams;
      // The kernel would let us wait for ever.
      if (datagram === undefined) throw new Error("Cannot answer: nothing more is to come");
      datagrams = rest;
      buffer.set(datagram.subarray(0, buffer.length));
      return BigInt(datagram.length);
    },
  });
}
