/**
 * Filters in the kernel, made up at random together with what they mean, over frames of all kinds: a
 * packet is recorded if the filter selects it, and counted as filtered if not.
 *
 * A failure prints the filter, the frame and the seed. For longer runs or others:
 * `XDP_INSPECTOR_CONFORMANCE_FACTOR` multiplies the number of filters (1,300 give more than a million
 * pairs with frames), `XDP_INSPECTOR_CONFORMANCE_SEED` replaces the fixed seed.
 */
import assert from "node:assert/strict";
import fc from "fast-check";

import { NEEDS_ROOT, type ProgramName } from "../support/bpf_inspector.ts";
import { ExpressionMaker } from "../support/filter_expressions.ts";
import { type FilterPacket, filterPacket } from "../support/filter_packets.ts";
import { FilterRunner } from "../support/filter_runner.ts";
import { anyFrame, goodFrame } from "../support/frame_arbitraries.ts";
import { Prng } from "../support/prng.ts";
import { ALL_ROWS } from "./rows/all_rows.ts";

const FACTOR = Number(Deno.env.get("XDP_INSPECTOR_CONFORMANCE_FACTOR") ?? 1);
const SEED = Number(Deno.env.get("XDP_INSPECTOR_CONFORMANCE_SEED") ?? 0xf117_e200);
const FILTERS = 60 * FACTOR;

const PROGRAMS: readonly (readonly [ProgramName, FilterPacket["direction"], string])[] = [
  ["inspect_xdp", "ingress", "eth0.10"],
  ["inspect_tc_ingress", "ingress", "wg0"],
  ["inspect_tc_egress", "egress", "eth0.10"],
];

/** Frames that every kernel takes: as they are, as a host may send them, and as none does. */
function frames(): Uint8Array[] {
  const built = [
    ...fc.sample(goodFrame(), { numRuns: 300, seed: SEED }),
    ...fc.sample(anyFrame(), { numRuns: 300, seed: SEED }),
  ];
  return [...ALL_ROWS.map(({ frame }) => frame), ...built]
    .filter(({ length }) => 64 <= length && length < 2000);
}

for (const [program, direction, name] of PROGRAMS) {
  Deno.test({
    name: `${program}() records what ${FILTERS} filters made up at random mean`,
    ignore: NEEDS_ROOT,
    fn: () => {
      const place = { direction, interface: name };
      const packets = frames().map((frame) => filterPacket(frame, place));
      const maker = new ExpressionMaker(new Prng(SEED), packets);
      let selecting = 0;
      for (let index = 0; index < FILTERS; index++) {
        const { text, matches } = maker.expression();
        using runner = new FilterRunner(program, text, place);
        let selected = 0;
        for (const packet of packets) {
          const isWanted = matches(packet);
          if (isWanted) selected++;
          const isSelected = runner.selects(packet.frame);
          if (isSelected === isWanted) continue;
          assert.equal(isSelected, isWanted, `seed ${SEED}, ${text}: ${packet.frame.toHex()}`);
        }
        const { seen, captured, filtered } = runner.counters();
        assert.deepEqual(
          [seen, captured, filtered],
          [packets.length, selected, packets.length - selected],
        );
        if (0 < selected && selected < packets.length) selecting++;
      }
      assert.ok(selecting > FILTERS / 4, `${selecting} filters select some packets and not others`);
    },
  });
}
