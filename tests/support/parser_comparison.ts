/**
 * One BPF program in the kernel beside the reference parser: every frame goes through both.
 *
 * Fast enough for a million frames: the record is compared where the kernel wrote it.
 *
 * @module
 */
import assert from "node:assert/strict";

import { RingMemory, SystemError, TestRunner } from "../../ffi/mod.ts";
import {
  EVENT_FLAG,
  PRESENT,
  RECORD_BYTES,
  RECORD_OFFSET,
  SLOT_BYTES,
  SLOT_OFFSET,
} from "../../src/contract/record_layout.ts";
import { BpfInspector, type ProgramName, TEST_ATTACHMENT } from "./bpf_inspector.ts";
import { barePacket, skbSegmentsContext, tcMayRefuse, xdpSplitContext } from "./kernel_frames.ts";
import { readRecordFields } from "./record_fields.ts";
import { referenceRecord } from "./reference_parser.ts";

/** Verdicts: `enum xdp_action` of `linux/bpf.h`, `TCX_NEXT` of Linux 6.6. */
const XDP_PASS = 2;
const TCX_NEXT = -1;

/** The timestamp is the one field that no parser can foretell; it comes first. */
const FIRST_COMPARED_BYTE = RECORD_OFFSET.source_address;

const LONGEST_FRAME = 16 * 1024;

/** How the kernel is to hold the packet. */
export interface Injection {
  /** XDP: bytes in the linear part, less than the frame's, the rest in fragments (Linux 6.18). */
  readonly linearBytes?: number;
  /** TC: packets on the wire that this one stands for, at most 65535. */
  readonly segments?: number;
}

/** Whether this kernel lets a test choose how much of a frame is linear (Linux 6.18). Needs root. */
export function canSplitXdp(): boolean {
  using comparison = new ParserComparison("inspect_xdp");
  try {
    return comparison.check(64, { linearBytes: 14 });
  } catch (error) {
    // Any other failure is for the tests to report, each by its name.
    return !(error instanceof SystemError && error.code === "EINVAL");
  }
}

/** Owner of a loaded program. Needs root. */
export class ParserComparison implements Disposable {
  /** Write the frame here before {@link check}. */
  readonly frame: Uint8Array;
  /** Frames that were compared; one that the kernel refuses is not. */
  frames = 0;
  #bytes = 0;
  #parseLimits = 0;
  readonly #bare: boolean;
  readonly #verdict: number;
  readonly #inspector: BpfInspector;
  readonly #runner: TestRunner;
  readonly #ring: RingMemory;
  readonly #words: Int32Array;
  /** How many had each bit of `present`, and from bit 16 on of `flags`. */
  readonly #bits = new Uint32Array(24);
  #position = 0;
  #committed = 0;

  /** @param bare frames are packets without an Ethernet header, behind one that is passed over: TC only */
  constructor(program: ProgramName, bare = false) {
    this.#bare = bare;
    const isXdp = program === "inspect_xdp";
    const context = isXdp ? xdpSplitContext(0) : skbSegmentsContext(0);
    this.#verdict = isXdp ? XDP_PASS : TCX_NEXT;
    this.#inspector = new BpfInspector(program, { bare });
    this.#runner = new TestRunner(this.#inspector.programFd, LONGEST_FRAME, context.length);
    this.#ring = RingMemory.map(this.#inspector.ring);
    this.#words = new Int32Array(this.#ring.data);
    this.frame = this.#runner.frame;
  }

  /**
   * Sends the first `length` bytes of {@link frame} through both parsers.
   *
   * @returns false if the kernel cannot make such a packet
   * @throws {assert.AssertionError} with the frame and both results if anything differs
   */
  check(length: number, injection: Injection = {}): boolean {
    const frame = this.frame.subarray(0, length);
    const context = this.#contextOf(injection);
    if (context !== null) this.#runner.context.set(context);
    this.#makeRoom();
    let verdict: number;
    try {
      verdict = this.#runner.run(length, context !== null);
    } catch (error) {
      const refused = error instanceof SystemError && error.code === "EINVAL";
      const isXdp = this.#inspector.program === "inspect_xdp";
      if (refused && !isXdp && tcMayRefuse(frame)) return false;
      throw error;
    }
    const { packet, type } = barePacket(frame);
    const seen = this.#bare ? packet : frame;
    const { record, parseLimit } = referenceRecord(seen, TEST_ATTACHMENT, {
      ...(injection.segments === undefined ? {} : { gsoSegments: injection.segments }),
      ...(this.#bare ? { bareType: type } : {}),
    });
    this.#compare(frame, verdict, record, injection);
    this.#count(record, parseLimit, seen.length);
    return true;
  }

  /** The counters of the program are those of the frames that were compared. */
  checkCounters(): void {
    assert.deepEqual(this.#inspector.counters(), {
      seen: this.frames,
      captured: this.frames,
      captured_bytes: this.#bytes,
      sampled_out: 0,
      filtered: 0,
      ring_full: 0,
      queue_full: 0,
      parse_limit: this.#parseLimits,
    });
  }

  /**
   * Frames of every kind were among those compared: each bit of `present` and `flags`, and the limit
   * of extension headers, in at least one of `oneIn` frames; and each bit was clear as often.
   */
  checkVariety(oneIn: number): void {
    const least = this.frames / oneIn;
    const counts = { ...this.#bitCounts(), parseLimit: this.#parseLimits };
    for (const [name, count] of Object.entries(counts)) {
      const isOfLink = ["MAC", "ETHERTYPE", "VLAN", "LLC"].includes(name);
      if (this.#bare && isOfLink) {
        assert.equal(count, 0, name);
        continue;
      }
      // Every frame that can be injected has its MAC addresses.
      const most = name === "MAC" ? this.frames : this.frames - least;
      assert.ok(
        least <= count && count <= most,
        `${name} was set in ${count} of ${this.frames} frames`,
      );
    }
  }

  [Symbol.dispose](): void {
    this.#ring[Symbol.dispose]();
    this.#inspector[Symbol.dispose]();
  }

  #contextOf({ linearBytes, segments }: Injection): Uint8Array | null {
    if (linearBytes !== undefined) return xdpSplitContext(linearBytes);
    return segments === undefined ? null : skbSegmentsContext(segments);
  }

  /** Gives the ring back before it is full; one record is written per frame. */
  #makeRoom(): void {
    if (this.#position - this.#committed < this.#inspector.ringShape.slots / 2) return;
    this.#ring.commitConsumer(0, this.#position);
    this.#committed = this.#position;
  }

  #compare(
    frame: Uint8Array,
    verdict: number,
    expected: Uint8Array<ArrayBuffer>,
    injection: Injection,
  ): void {
    const slot = (this.#position % this.#inspector.ringShape.slots) * SLOT_BYTES;
    const start = slot + SLOT_OFFSET.event;
    const produced = this.#ring.producerPosition(0) - this.#position;
    this.#position += produced;
    const isReady = this.#words[(slot + SLOT_OFFSET.ready) / 4] === (this.#position | 0);
    const agree = verdict === this.#verdict && produced === 1 && isReady &&
      this.#sameRecord(expected, start) && this.#sameBytes(frame);
    if (!agree) {
      const found = this.#ring.data.slice(start, start + produced * RECORD_BYTES);
      this.#fail(frame, verdict, new Uint8Array(found), expected, injection);
    }
  }

  #sameRecord(expected: Uint8Array<ArrayBuffer>, start: number): boolean {
    const words = new Int32Array(expected.buffer);
    for (let index = FIRST_COMPARED_BYTE / 4; index < words.length; index++) {
      if (words[index] !== this.#words[start / 4 + index]) return false;
    }
    return true;
  }

  /** Whether the program left the packet as it was. */
  #sameBytes(frame: Uint8Array): boolean {
    if (this.#runner.resultBytes !== frame.length) return false;
    const { result } = this.#runner;
    for (let index = 0; index < frame.length; index++) {
      if (frame[index] !== result[index]) return false;
    }
    return true;
  }

  #count(record: Uint8Array<ArrayBuffer>, parseLimit: boolean, length: number): void {
    this.frames++;
    this.#bytes += length;
    if (parseLimit) this.#parseLimits++;
    const bits = record[RECORD_OFFSET.present]! | record[RECORD_OFFSET.present + 1]! << 8 |
      record[RECORD_OFFSET.flags]! << 16;
    for (let bit = 0; bit < this.#bits.length; bit++) {
      if (bits & 1 << bit) this.#bits[bit]!++;
    }
  }

  #bitCounts(): Record<string, number> {
    const count = (value: number) => this.#bits[Math.log2(value)]!;
    return Object.fromEntries([
      ...Object.entries(PRESENT).map(([name, value]) => [name, count(value)]),
      ...Object.entries(EVENT_FLAG).map(([name, value]) => [name, count(value << 16)]),
    ]);
  }

  #fail(
    frame: Uint8Array,
    verdict: number,
    found: Uint8Array,
    expected: Uint8Array,
    injection: Injection,
  ): never {
    const { program } = this.#inspector;
    const after = this.#runner.result.subarray(0, this.#runner.resultBytes);
    throw new assert.AssertionError({
      message: [
        `${program} and the reference differ on ${frame.length} bytes ${JSON.stringify(injection)}`,
        `frame ${frame.toHex()}`,
        ...(this.#sameBytes(frame) ? [] : [`after ${after.toHex()}`]),
        `verdict ${verdict}, expected ${this.#verdict}`,
        ...differences(found, expected),
      ].join("\n"),
    });
  }
}

/** A line for each field that differs. */
function differences(found: Uint8Array, expected: Uint8Array): string[] {
  const reference = readRecordFields(expected);
  if (found.length !== RECORD_BYTES) {
    return [`BPF wrote ${found.length} bytes, reference ${JSON.stringify(reference)}`];
  }
  const bpf = readRecordFields(found);
  return Object.keys(bpf).flatMap((name) => {
    const [left, right] = [bpf, reference].map((it) => JSON.stringify(it[name as keyof typeof it]));
    return left === right ? [] : [`${name}: BPF ${left}, reference ${right}`];
  });
}
