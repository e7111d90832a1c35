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

import { possibleProcessors } from "../../ffi/mod.ts";
import { ringShape } from "../../src/drain/ring_shape.ts";
import {
  INSTRUCTION_BYTES,
  load,
  RETURN,
  writeInstruction,
} from "../../src/filter/ebpf/instructions.ts";
import { withFilter } from "../../src/filter/ebpf/patch_object.ts";
import { parseFilter } from "../../src/filter/parser.ts";
import { loadObject } from "../../src/sources/filtered_object.ts";
import { configBytes, NEEDS_ROOT, type ProgramName, readObject } from "../support/bpf_inspector.ts";
import { ExpressionMaker } from "../support/filter_expressions.ts";
import { type FilterPacket, filterPacket } from "../support/filter_packets.ts";
import { FilterRunner } from "../support/filter_runner.ts";
import { anyFrame, goodFrame } from "../support/frame_arbitraries.ts";
import { ETHERTYPE } from "../support/frames/link.ts";
import { barePacket } from "../support/kernel_frames.ts";
import { Prng } from "../support/prng.ts";
import { SOURCE_IPV4 } from "../support/frames/ipv4.ts";
import { ALL_ROWS } from "./rows/all_rows.ts";

const FACTOR = Number(Deno.env.get("XDP_INSPECTOR_CONFORMANCE_FACTOR") ?? 1);
const SEED = Number(Deno.env.get("XDP_INSPECTOR_CONFORMANCE_SEED") ?? 0xf117_e200);
const FILTERS = 60 * FACTOR;

const PROGRAMS:
  readonly (readonly [ProgramName, FilterPacket["direction"], string, bare?: true])[] = [
    ["inspect_xdp", "ingress", "eth0.10"],
    ["inspect_tc_ingress", "ingress", "wg0"],
    ["inspect_tc_egress", "egress", "eth0.10"],
    ["inspect_tc_ingress", "ingress", "wg0", true],
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

for (const [program, direction, name, bare] of PROGRAMS) {
  const kind = bare ? " on packets without an Ethernet header" : "";
  Deno.test({
    name: `${program}() records what ${FILTERS} filters made up at random mean${kind}`,
    ignore: NEEDS_ROOT,
    fn: () => {
      const place = { direction, interface: name };
      const packets = frames().map((frame) => filterPacket(frame, place, bare));
      // What the filters are made of is in the frames, also what packets without their header lack.
      const examples = frames().map((frame) => filterPacket(frame, place));
      const maker = new ExpressionMaker(new Prng(SEED), examples);
      let selecting = 0;
      for (let index = 0; index < FILTERS; index++) {
        const { text, matches } = maker.expression();
        using runner = new FilterRunner(program, text, place, bare);
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

/** Filters that fill the room; with the address of the frame builder's packets, and without. */
const LONG: readonly (readonly [name: string, text: (last: string) => string])[] = [
  [
    "800 hosts",
    (last) => `host (${hosts(800, (index) => `10.${index >> 8}.${index & 255}.7`)} or ${last})`,
  ],
  [
    "150 IPv6 hosts",
    (last) => `host (${hosts(150, (index) => `2001:db8::${index}:7`)} or ${last})`,
  ],
  [
    "300 nets of different lengths",
    (last) =>
      `src net (${
        hosts(300, (index) => `${(index % 200) + 1}.0.0.0/${8 + index % 16}`)
      } or ${last})`,
  ],
  [
    "800 ports that do not follow each other",
    (last) => `not port (${hosts(800, (index) => `${index * 7 + 2000}`)}) and src host ${last}`,
  ],
  [
    "200 comparisons",
    (last) =>
      `src host ${last} and (${
        hosts(200, (index) => `(len * 3 + ttl) & ${index + 1} = 70000`)
      } or len > 0)`,
  ],
];

function hosts(count: number, text: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => text(index)).join(" or ");
}

Deno.test({
  name: "the verifier takes filters that fill their room, and they select",
  ignore: NEEDS_ROOT,
  fn: () => {
    const place = { direction: "ingress", interface: "eth0" } as const;
    const { frame } = ALL_ROWS.find(({ record, frame }) =>
      record.ip_protocol === 17 && frame.length >= 64 && record.flags === undefined &&
      barePacket(frame).type === ETHERTYPE.IPV4 &&
      record.source_address?.startsWith(SOURCE_IPV4)
    )!;
    const address = [...Uint8Array.fromHex(SOURCE_IPV4)].join(".");
    for (const [name, text] of LONG) {
      for (const [program, , , bare] of PROGRAMS) {
        using selecting = new FilterRunner(program, text(address), place, bare);
        assert.equal(selecting.selects(frame), true, `${program}, ${name}`);
        using others = new FilterRunner(program, text("192.0.2.77"), place, bare);
        assert.equal(others.selects(frame), false, `${program}, ${name}`);
      }
    }
  },
});

Deno.test({
  name: "loadObject() says that it is the filter when the verifier refuses it",
  ignore: NEEDS_ROOT,
  fn: () => {
    // Reads by a register that nothing was written to.
    const code = new Uint8Array(2 * INSTRUCTION_BYTES);
    const view = new DataView(code.buffer);
    writeInstruction(view, 0, load(0, 5, 0, 4));
    writeInstruction(view, 1, RETURN);
    const ring = ringShape(1 << 20, possibleProcessors());
    const config = configBytes({ filter: code }, ring);
    const maxEntries = { ring: ring.rings * ring.slots, ring_positions: ring.rings, senders: 1 };
    const filter = { text: "tcp", condition: parseFilter("tcp") };
    const options = { program: "inspect_xdp", config, maxEntries } as const;
    assert.throws(() => loadObject(withFilter(readObject(), code), filter, options), {
      name: "RunError",
      message:
        /^Cannot use the filter "tcp": Cannot load the BPF program "inspect_xdp": R5 !read_ok/,
    });
    assert.throws(() => loadObject(withFilter(readObject(), code), null, options), {
      message: /^Cannot load the BPF program "inspect_xdp": R5 !read_ok/,
    });
  },
});
