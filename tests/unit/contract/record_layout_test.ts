/**
 * The user-space half of the wire contract against the types inside the committed BPF object.
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import {
  CONFIG_BYTES,
  CONFIG_OFFSET,
  COUNTER_INDEX,
  COUNTERS_BYTES,
  EVENT_FLAG,
  POSITION_OFFSET,
  POSITIONS_BYTES,
  PRESENT,
  RECORD_BYTES,
  RECORD_OFFSET,
  SENDER_KEY_BYTES,
  SENDER_VALUE_BYTES,
  SLOT_BYTES,
  SLOT_OFFSET,
} from "../../../src/contract/record_layout.ts";
import { Btf, type Structure } from "../../support/btf.ts";
import { readSections } from "../../support/elf.ts";

const OBJECT = join(import.meta.dirname!, "../../../bpf/inspector.bpf.o");

function sections(): Map<string, Uint8Array> {
  return readSections(Deno.readFileSync(OBJECT));
}

function types(): Btf {
  return new Btf(sections().get(".BTF")!);
}

function offsets(structure: Structure): Record<string, number> {
  return Object.fromEntries([...structure.members].map(([name, { offset }]) => [name, offset]));
}

/** The constants with the prefix that they have in C. */
function prefixed(prefix: string, values: Readonly<Record<string, number>>) {
  return Object.fromEntries(Object.entries(values).map(([name, bit]) => [prefix + name, bit]));
}

Deno.test("RECORD_OFFSET names every member of packet_event with its offset", () => {
  const record = types().structure("packet_event");
  assert.deepEqual(offsets(record), RECORD_OFFSET);
  assert.equal(record.bytes, RECORD_BYTES);
});

Deno.test("RECORD_OFFSET leaves no byte of a record without a name", () => {
  const named = new Set<number>();
  for (const { offset, bytes } of types().structure("packet_event").members.values()) {
    for (let byte = offset; byte < offset + bytes; byte++) named.add(byte);
  }
  assert.equal(named.size, RECORD_BYTES);
});

Deno.test("PRESENT and EVENT_FLAG have the bits of the enumerations of the object", () => {
  assert.deepEqual(types().enumeration("event_present"), prefixed("PRESENT_", PRESENT));
  assert.deepEqual(types().enumeration("event_flags"), prefixed("EVENT_", EVENT_FLAG));
});

Deno.test("SLOT_OFFSET and POSITION_OFFSET have the offsets of the ring's structures", () => {
  const slot = types().structure("ring_slot");
  assert.deepEqual(offsets(slot), SLOT_OFFSET);
  assert.equal(slot.bytes, SLOT_BYTES);
  const positions = types().structure("ring_positions");
  assert.equal(positions.bytes, POSITIONS_BYTES);
  const { consumer, producer } = offsets(positions);
  assert.deepEqual({ consumer, producer }, POSITION_OFFSET);
});

Deno.test("COUNTER_INDEX names every 64-bit member of packet_counters with its place", () => {
  const counters = types().structure("packet_counters");
  const places = Object.entries(offsets(counters)).map(([name, offset]) => [name, offset / 8]);
  assert.deepEqual(Object.fromEntries(places), COUNTER_INDEX);
  assert.ok([...counters.members.values()].every(({ bytes }) => bytes === 8));
  assert.equal(counters.bytes, COUNTERS_BYTES);
});

Deno.test("CONFIG_OFFSET names every setting of inspector_config with its offset", () => {
  const config = types().structure("inspector_config");
  const { reserved, ...settings } = offsets(config);
  assert.deepEqual(settings, CONFIG_OFFSET);
  assert.equal(reserved, 30);
  assert.equal(config.bytes, CONFIG_BYTES);
});

Deno.test("CONFIG_BYTES are the whole section of constants of the object", () => {
  const constants = [...sections()].filter(([name]) => /^\.(rodata|data|bss)/.test(name));
  assert.deepEqual(constants.map(([name, content]) => [name, content.length]), [
    [".rodata", CONFIG_BYTES],
  ]);
});

Deno.test("SENDER_KEY_BYTES and SENDER_VALUE_BYTES are the sizes of key and value in the object", () => {
  assert.equal(types().structure("sender_key").bytes, SENDER_KEY_BYTES);
  const value = types().structure("sender_counters");
  assert.deepEqual(offsets(value), { packets: 0, bytes: 8 });
  assert.equal(value.bytes, SENDER_VALUE_BYTES);
});

Deno.test("the BPF object names its licences and no directory of the machine that built it", () => {
  const text = new TextDecoder("latin1").decode(Deno.readFileSync(OBJECT));
  assert.equal(new TextDecoder().decode(sections().get("license")), "Dual MIT/GPL\0");
  assert.deepEqual(text.match(/\0\/[\w.-]+\/[\w./-]+/g) ?? [], []);
});

Deno.test("the BPF object carries types and source lines but no DWARF", () => {
  const names = [...sections().keys()];
  assert.ok(names.includes(".BTF") && names.includes(".BTF.ext"));
  assert.deepEqual(names.filter((name) => name.includes(".debug")), []);
});
