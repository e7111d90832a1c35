/**
 * The BPF programs against a second, independent parser of the same contract: on frames built header
 * by header (fast-check shrinks what disagrees), and on more than a million spoiled ones. Every field
 * of the record, the verdict, the bytes of the frame and the counters must agree for each frame.
 *
 * A failure prints the frame, what differs, and the seed. For longer runs or other frames:
 * `XDP_INSPECTOR_CONFORMANCE_FACTOR` multiplies the numbers of frames,
 * `XDP_INSPECTOR_CONFORMANCE_SEED` replaces the fixed seeds.
 */
import assert from "node:assert/strict";
import fc, { type Arbitrary } from "fast-check";

import { NEEDS_ROOT, type ProgramName } from "../support/bpf_inspector.ts";
import { anyFrame, goodFrame } from "../support/frame_arbitraries.ts";
import { FrameMutator } from "../support/frame_mutator.ts";
import { canSplitXdp, type Injection, ParserComparison } from "../support/parser_comparison.ts";
import { Prng } from "../support/prng.ts";
import { ALL_ROWS } from "./rows/all_rows.ts";

const FACTOR = Number(Deno.env.get("XDP_INSPECTOR_CONFORMANCE_FACTOR") ?? 1);
const SEED = Deno.env.get("XDP_INSPECTOR_CONFORMANCE_SEED");
const SEEDS = SEED === undefined ? [0x5eed_0001, 0x0ddf_4ce5] : [Number(SEED)];

const PROPERTY_FRAMES = 3_000 * FACTOR;

/** The longest spoiled frame: room for all headers and then some. */
const LONGEST_MUTANT = 512;

/** Each kind of frame must come up at least once in so many, or the run shows nothing about it. */
const RAREST_ONE_IN = 500;

/** GSO packets: none, below the least that counts as one, and up to the most that the kernel takes. */
const SEGMENTS = [0, 1, 2, 3, 45, 65535];

/** Ways for a packet to be held by the kernel. */
interface Way {
  readonly title: string;
  readonly program: ProgramName;
  readonly ignore: boolean;
  /** Packets have no Ethernet header. */
  readonly bare?: boolean;
  /** Spoiled frames, over all seeds. */
  readonly mutants: number;
  /** Chosen by `random`, any 32-bit number. */
  readonly injection: (length: number, random: number) => Injection;
}

const WAYS: readonly Way[] = [
  {
    title: "inspect_xdp() agrees with the reference",
    program: "inspect_xdp",
    ignore: NEEDS_ROOT,
    mutants: 1_000_000 * FACTOR,
    injection: () => ({}),
  },
  {
    title: "inspect_xdp() agrees with the reference on frames in fragments (Linux 6.18)",
    program: "inspect_xdp",
    ignore: NEEDS_ROOT || !canSplitXdp(),
    mutants: 100_000 * FACTOR,
    injection: (length, random) => ({ linearBytes: random % Math.min(length, 130) }),
  },
  {
    title: "inspect_tc_ingress() agrees with the reference",
    program: "inspect_tc_ingress",
    ignore: NEEDS_ROOT,
    mutants: 100_000 * FACTOR,
    injection: () => ({}),
  },
  {
    title: "inspect_tc_egress() agrees with the reference on packets to be segmented",
    program: "inspect_tc_egress",
    ignore: NEEDS_ROOT,
    mutants: 100_000 * FACTOR,
    injection: (_, random) => ({ segments: SEGMENTS[random % SEGMENTS.length]! }),
  },
  {
    title: "inspect_tc_ingress() agrees with the reference on packets without an Ethernet header",
    program: "inspect_tc_ingress",
    ignore: NEEDS_ROOT,
    bare: true,
    mutants: 100_000 * FACTOR,
    injection: (_, random) => ({ segments: SEGMENTS[random % SEGMENTS.length]! }),
  },
];

/** A frame, and what decides how it is injected. */
function anyCase(): Arbitrary<[Uint8Array, number]> {
  return fc.tuple(anyFrame(), fc.nat());
}

/** Good frames: those of the frame table, of which some are short or lie, and built ones. */
function corpus(seed: number): Uint8Array[] {
  const built = fc.sample(goodFrame(), { numRuns: 1_000, seed });
  return [...ALL_ROWS.map(({ frame }) => frame), ...built];
}

/** Adds how to repeat the run to what disagreed. */
function withSeed(seed: number, index: number, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof assert.AssertionError)) throw error;
    error.message += `\nframe number ${index} of XDP_INSPECTOR_CONFORMANCE_SEED=${seed}`;
    throw error;
  }
}

for (const { title, program, ignore, bare, mutants, injection } of WAYS) {
  Deno.test({
    name: `${title} when frames are built of headers that may lie`,
    ignore,
    fn: () => {
      for (const seed of SEEDS) {
        using comparison = new ParserComparison(program, bare);
        fc.assert(
          fc.property(anyCase(), ([frame, random]) => {
            comparison.frame.set(frame);
            comparison.check(frame.length, injection(frame.length, random));
          }),
          { numRuns: PROPERTY_FRAMES, seed },
        );
        comparison.checkCounters();
        comparison.checkVariety(RAREST_ONE_IN);
      }
    },
  });

  Deno.test({
    name: `${title} when ${mutants} frames are spoiled at random`,
    ignore,
    fn: () => {
      for (const seed of SEEDS) {
        using comparison = new ParserComparison(program, bare);
        const random = new Prng(seed);
        const target = comparison.frame.subarray(0, LONGEST_MUTANT);
        const mutator = new FrameMutator(corpus(seed), random, target);
        for (let made = 0; comparison.frames < mutants / SEEDS.length; made++) {
          const length = mutator.next();
          const how = injection(length, random.uint32());
          withSeed(seed, made, () => comparison.check(length, how));
        }
        comparison.checkCounters();
        comparison.checkVariety(RAREST_ONE_IN);
      }
    },
  });
}
