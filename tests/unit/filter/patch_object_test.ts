import assert from "node:assert/strict";

import { readBpfElf } from "../../../src/attach/bpf_elf.ts";
import { filterCode } from "../../../src/filter/ebpf/generate.ts";
import { filterRoom, withFilter } from "../../../src/filter/ebpf/patch_object.ts";
import { parseFilter } from "../../../src/filter/parser.ts";

const PLACE = { interface: "eth0", direction: "ingress" } as const;

/** Instructions of a filter of so many hosts. */
function instructions(text: string): number {
  return filterCode(parseFilter(text), PLACE).length / 8;
}

function hosts(count: number, version: 4 | 6): string {
  const address = (index: number) =>
    version === 4 ? `10.${index >> 8}.${index & 255}.7` : `2001:db8::${index.toString(16)}:7`;
  return `host (${Array.from({ length: count }, (_, index) => address(index)).join(" or ")})`;
}

Deno.test("withFilter() changes the rooms of the filter in the three programs and nothing else", () => {
  const elf = readBpfElf();
  const code = filterCode(parseFilter("tcp port 443 and net 10.0.0.0/8"), PLACE);
  const patched = withFilter(elf, code);
  const differing = Array.from(elf.keys()).filter((index) => elf[index] !== patched[index]);
  assert.ok(differing.length > code.length / 4);
  const room = 8 * (filterRoom(elf) + 2);
  const starts = differing.filter((place, index) =>
    place - (differing[index - 1] ?? -room) >= room
  );
  assert.equal(starts.length, 3);
  for (const start of starts) {
    const own = differing.filter((place) => start <= place && place < start + room);
    const bytes = patched.subarray(start, start + room);
    assert.ok(own.length > code.length / 4);
    assert.deepEqual(bytes, patched.subarray(starts[0]!, starts[0]! + room));
  }
  assert.deepEqual(elf, readBpfElf());
  // From anew each time: what was there before does not matter.
  assert.deepEqual(withFilter(patched, code), patched);
});

Deno.test("filterRoom() takes what people write, with long lists", () => {
  const room = filterRoom(readBpfElf());
  assert.ok(room >= 4_000, String(room));
  assert.ok(instructions(hosts(64, 4)) < 300, "64 hosts");
  assert.ok(instructions(hosts(800, 4)) < room, "800 hosts");
  assert.ok(instructions(hosts(200, 6)) < room, "200 IPv6 hosts");
  assert.throws(() => withFilter(readBpfElf(), new Uint8Array(8 * (room + 1))), RangeError);
  assert.equal(withFilter(readBpfElf(), new Uint8Array(8 * room)).length, readBpfElf().length);
});

Deno.test("filterCode() asks nothing of a packet that its place answers", () => {
  assert.equal(instructions("out and tcp"), instructions("interface lan"));
  assert.equal(instructions("in and interface eth0 and udp"), instructions("udp"));
  assert.equal(instructions("not out and (udp or out)"), instructions("udp"));
});

Deno.test("filterCode() asks for no fact twice", () => {
  // The version once for both ends, and whether there is an IP header not at all.
  assert.ok(instructions("tcp port 443 and net 10.0.0.0/8") <= 20);
});

Deno.test("filterCode() refuses arithmetic for which there are no registers", () => {
  const nested = (depth: number) => `${"len + (".repeat(depth)}ttl${")".repeat(depth)} = 1`;
  assert.ok(instructions(nested(7)) > 8);
  assert.throws(() => instructions(nested(8)), {
    name: "RunError",
    message: "Cannot use the filter: its arithmetic is nested too deeply",
  });
});
