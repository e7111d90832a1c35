/**
 * What BPF_PROG_TEST_RUN can and cannot inject (`net/bpf/test_run.c`), and the contexts it takes.
 *
 * @module
 */
import { ETHERTYPE } from "./frames/link.ts";

/** No hook is run on less than an Ethernet header, nor can any interface deliver less. */
export const ETHERNET_HEADER_BYTES = 14;

/** The packet of a TC run is one buffer of a page; what is left of the page is bookkeeping. */
const TC_LARGEST_BYTES = 3712;

/** Bytes of the IP header that kernels ask for, 6.1 and 6.18 among them, behind these types. */
const TC_SMALLEST_BYTES: Readonly<Record<number, number>> = {
  [ETHERTYPE.IPV4]: ETHERNET_HEADER_BYTES + 20,
  [ETHERTYPE.IPV6]: ETHERNET_HEADER_BYTES + 40,
};

/** Whether a kernel may refuse to run a TC program on `frame`, with EINVAL. */
export function tcMayRefuse(frame: Uint8Array): boolean {
  if (frame.length < ETHERNET_HEADER_BYTES || frame.length > TC_LARGEST_BYTES) return true;
  const type = frame[12]! << 8 | frame[13]!;
  return frame.length < (TC_SMALLEST_BYTES[type] ?? 0);
}

/** `struct xdp_md`, `data_end` set: only so much of the frame is in the linear part. */
export function xdpSplitContext(linearBytes: number): Uint8Array {
  const bytes = new Uint8Array(24);
  new DataView(bytes.buffer).setUint32(4, linearBytes, true);
  return bytes;
}

/** `struct __sk_buff` of a packet that stands for `segments` packets on the wire. */
export function skbSegmentsContext(segments: number): Uint8Array {
  const bytes = new Uint8Array(192);
  const view = new DataView(bytes.buffer);
  view.setUint32(164, segments, true); // gso_segs
  view.setUint32(176, 1448, true); // gso_size
  return bytes;
}

/**
 * What a TC program for interfaces without an Ethernet header is to find in the run of `frame`: the kernel
 * says the network layer begins behind that header, as it does for the outer header of a tunnel.
 */
export function barePacket(
  frame: Uint8Array,
): { readonly packet: Uint8Array; readonly type: number } {
  return {
    packet: frame.subarray(ETHERNET_HEADER_BYTES),
    type: frame[12]! << 8 | frame[13]!,
  };
}
