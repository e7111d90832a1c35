/**
 * The parser for packet files against the programs in the kernel, which are compiled from the same
 * headers, and against the reference parser: every field of the record, for each frame of the table,
 * for the same frames cut by a capture's length, and for spoiled ones.
 */
import assert from "node:assert/strict";
import fc from "fast-check";

import { SystemError, testRunXdp } from "../../ffi/mod.ts";
import { RECORD_BYTES } from "../../src/contract/record_layout.ts";
import { LINK } from "../../src/sources/packet_file/link_types.ts";
import {
  originWord,
  PacketParser,
  RUN_PACKETS,
  TIME_FORM,
} from "../../src/sources/packet_file/packet_parser.ts";
import { BpfInspector, NEEDS_ROOT, TEST_ATTACHMENT } from "../support/bpf_inspector.ts";
import { goodFrame } from "../support/frame_arbitraries.ts";
import { FrameMutator } from "../support/frame_mutator.ts";
import { Prng } from "../support/prng.ts";
import { readRecordFields } from "../support/record_fields.ts";
import { referenceRecord } from "../support/reference_parser.ts";
import { ALL_ROWS } from "./rows/all_rows.ts";

const WINDOW_BYTES = 1 << 20;
const TIMESTAMP_BYTES = 8;
const MUTANTS = 200_000;
/** The kernel takes longer. */
const KERNEL_MUTANTS = 20_000;
const LONGEST_MUTANT = 512;
const SEED = 0x70ca_9001;

const ORIGIN = originWord({
  link: LINK.ETHERNET,
  attachment: TEST_ATTACHMENT,
  timeForm: TIME_FORM.SECONDS,
  timeExponent: 9,
});

/** Records of frames, all of them in as few calls as possible; borrowed until the next one. */
class WasmRecords {
  readonly #parser = new PacketParser(WINDOW_BYTES);
  #used = 0;

  /** Adds a frame of which the first `captured` bytes are in the file; false if there is no room. */
  add(frame: Uint8Array, captured = frame.length): boolean {
    const parser = this.#parser;
    if (parser.count === RUN_PACKETS || this.#used + captured > WINDOW_BYTES) return false;
    parser.window.set(frame.subarray(0, captured), this.#used);
    parser.add(0, 0, 0, 0, this.#used, captured, frame.length, ORIGIN);
    this.#used += captured;
    return true;
  }

  take(): Uint8Array[] {
    const count = this.#parser.parse();
    this.#used = 0;
    return Array.from({ length: count }, (_, index) => {
      return new Uint8Array(this.#parser.records, this.#parser.offsets[index]!, RECORD_BYTES);
    });
  }

  one(frame: Uint8Array, captured?: number): Uint8Array {
    assert.ok(this.add(frame, captured));
    return this.take()[0]!;
  }
}

/** All of a record but the time. */
function untimed(record: Uint8Array): Uint8Array {
  return record.subarray(TIMESTAMP_BYTES);
}

Deno.test({
  name: "parse_packets() makes the record of inspect_xdp() when given each frame of the table",
  ignore: NEEDS_ROOT,
  fn: () => {
    using inspector = new BpfInspector("inspect_xdp");
    const wasm = new WasmRecords();
    for (const { name, frame } of ALL_ROWS) {
      testRunXdp(inspector.programFd, frame);
      const [kernel] = inspector.drain();
      const record = wasm.one(frame);
      assert.deepEqual(readRecordFields(record), readRecordFields(kernel!), `given ${name}`);
      assert.deepEqual(untimed(record), untimed(kernel!), `given ${name}`);
    }
  },
});

Deno.test({
  name: "parse_packets() makes the record of inspect_xdp() when frames are spoiled at random",
  ignore: NEEDS_ROOT,
  fn: () => {
    using inspector = new BpfInspector("inspect_xdp");
    const wasm = new WasmRecords();
    const random = new Prng(SEED);
    const target = new Uint8Array(LONGEST_MUTANT);
    const corpus = [
      ...ALL_ROWS.map(({ frame }) => frame),
      ...fc.sample(goodFrame(), { numRuns: 300, seed: SEED }),
    ];
    const mutator = new FrameMutator(corpus, random, target);
    for (let compared = 0; compared < KERNEL_MUTANTS;) {
      const frame = target.slice(0, mutator.next());
      try {
        testRunXdp(inspector.programFd, frame);
      } catch (error) {
        if (error instanceof SystemError && error.code === "EINVAL") continue;
        throw error;
      }
      const [kernel] = inspector.drain();
      assert.deepEqual(untimed(wasm.one(frame)), untimed(kernel!), frame.toHex());
      compared++;
    }
  },
});

Deno.test("parse_packets() agrees with the reference when frames are spoiled at random", () => {
  const wasm = new WasmRecords();
  const random = new Prng(SEED + 1);
  const target = new Uint8Array(LONGEST_MUTANT);
  const corpus = [
    ...ALL_ROWS.map(({ frame }) => frame),
    ...fc.sample(goodFrame(), { numRuns: 1_000, seed: SEED }),
  ];
  const mutator = new FrameMutator(corpus, random, target);
  let waiting: Uint8Array[] = [];
  const compare = () => {
    wasm.take().forEach((record, index) => {
      const { record: expected } = referenceRecord(waiting[index]!, TEST_ATTACHMENT);
      assert.deepEqual(untimed(record), untimed(expected), waiting[index]!.toHex());
    });
    waiting = [];
  };
  for (let made = 0; made < MUTANTS; made++) {
    const frame = target.slice(0, mutator.next());
    if (!wasm.add(frame)) {
      compare();
      wasm.add(frame);
    }
    waiting.push(frame);
  }
  compare();
});

Deno.test("parse_packets() keeps the length on the wire when a frame is cut at any byte", () => {
  const wasm = new WasmRecords();
  for (const { name, frame } of ALL_ROWS.filter(({ frame }) => frame.length <= 200)) {
    const whole = readRecordFields(wasm.one(frame).slice());
    for (let captured = 0; captured <= frame.length; captured++) {
      const cut = readRecordFields(wasm.one(frame, captured));
      const where = `given ${name}, ${captured} of ${frame.length} bytes captured`;
      assert.equal(cut.packet_length, frame.length, where);
      // What is there is what is there in the whole frame: nothing is made up.
      for (const bit of cut.present) {
        if (!["PAYLOAD", "IP", "PROTOCOL"].includes(bit)) {
          assert.ok(whole.present.includes(bit), `${bit} ${where}`);
        }
      }
      if (cut.present.includes("PORTS")) {
        assert.equal(cut.source_port, whole.source_port, where);
      }
      if (cut.present.includes("PAYLOAD") && whole.present.includes("PAYLOAD")) {
        assert.equal(cut.payload_length, whole.payload_length, where);
      }
    }
  }
});
