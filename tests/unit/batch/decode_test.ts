import assert from "node:assert/strict";
import { BATCH_BYTES, createBatch } from "../../../src/batch/column_batch.ts";
import { decodeRecords, recordViews, splitClockOffset } from "../../../src/batch/decode.ts";
import { EVENT_FLAG, PRESENT, RECORD_OFFSET } from "../../../src/contract/record_layout.ts";
import { recordBytes, type RecordFields } from "../../support/ring_image.ts";

const NO_OFFSET = { low: 0, high: 0 };

function decode(fields: RecordFields, clock = NO_OFFSET, row = 0) {
  const batch = createBatch(new ArrayBuffer(BATCH_BYTES));
  const memory = new Uint8Array(128);
  memory.set(recordBytes(fields), 8);
  decodeRecords(recordViews(memory.buffer), Uint32Array.of(8), 1, batch, row, clock);
  return batch;
}

function nanoseconds(timestamp: Uint32Array, row = 0): bigint {
  return BigInt(timestamp[row * 2]!) | BigInt(timestamp[row * 2 + 1]!) << 32n;
}

Deno.test("decodeRecords() puts every field of a TCP record into its column", () => {
  const fields = {
    timestamp_ns: 0x0123_4567_89ab_cdefn,
    source_address: [10, 0, 0, 1],
    destination_address: Array.from({ length: 16 }, (_, i) => i + 1),
    destination_mac: [1, 2, 3, 4, 5, 6],
    source_mac: [7, 8, 9, 10, 11, 12],
    packet_length: 0xfedc_ba98,
    payload_length: 0x8765_4321,
    tcp_sequence: 0xffff_fff0,
    tcp_acknowledgment: 0xffff_fff1,
    ethertype: 0x0800,
    vlan_id: 4095,
    source_port: 65535,
    destination_port: 443,
    tcp_window: 64240,
    segments: 44,
    present: PRESENT.TCP | PRESENT.IP,
    attachment: 3,
    ip_protocol: 6,
    ttl: 64,
    traffic_class: 0b101110_01,
    tcp_flags: 0x12,
    flags: EVENT_FLAG.FRAGMENT,
  };
  const row = 17;
  const batch = decode(fields, NO_OFFSET, row);
  assert.equal(nanoseconds(batch.timestamp, row), fields.timestamp_ns);
  const octets = (column: Uint32Array, words: number) => [
    ...new Uint8Array(column.buffer, column.byteOffset + row * words * 4, words * 4),
  ];
  assert.deepEqual(octets(batch.sourceAddress, 4), [10, 0, 0, 1, ...new Array(12).fill(0)]);
  assert.deepEqual(octets(batch.destinationAddress, 4), fields.destination_address);
  assert.deepEqual(octets(batch.macs, 3), [...fields.destination_mac, ...fields.source_mac]);
  const numbers = {
    packetLength: fields.packet_length,
    payloadLength: fields.payload_length,
    tcpSequence: fields.tcp_sequence,
    tcpAcknowledgment: fields.tcp_acknowledgment,
    ethertype: 0x0800,
    vlanId: 4095,
    sourcePort: 65535,
    destinationPort: 443,
    tcpWindow: 64240,
    segments: 44,
    present: fields.present,
    attachment: 3,
    ipProtocol: 6,
    ttl: 64,
    dscp: 46,
    ecn: 1,
    tcpFlags: 0x12,
    icmpType: 0,
    icmpCode: 0,
    flags: EVENT_FLAG.FRAGMENT,
  } as const;
  for (const [name, expected] of Object.entries(numbers)) {
    assert.equal(batch[name as keyof typeof numbers][row], expected, name);
  }
});

Deno.test("decodeRecords() reads type and code, not a window, from an ICMP record", () => {
  const batch = decode({ present: PRESENT.ICMP | PRESENT.IP, icmp_type: 8, icmp_code: 1 });
  assert.equal(batch.icmpType[0], 8);
  assert.equal(batch.icmpCode[0], 1);
  assert.equal(batch.tcpWindow[0], 0);
});

Deno.test("decodeRecords() carries from the low to the high half of the clock", () => {
  const offset = 1_795_000_000_123_456_789n;
  for (const monotonic of [0n, 0xffff_ffffn, 0x1_0000_0000n, 987_654_321_987_654_321n]) {
    const batch = decode({ timestamp_ns: monotonic }, splitClockOffset(offset));
    assert.equal(nanoseconds(batch.timestamp), monotonic + offset);
  }
});

Deno.test("decodeRecords() carries from a sum of 2^32 of the low halves on, not before", () => {
  const clock = { low: 0x8000_0000, high: 7 };
  for (const low of [0x7fff_ffffn, 0x8000_0000n, 0x8000_0001n]) {
    const batch = decode({ timestamp_ns: low }, clock);
    assert.equal(nanoseconds(batch.timestamp), low + 0x7_8000_0000n);
  }
});

Deno.test("splitClockOffset() handles a wall clock that is behind the monotonic clock", () => {
  const batch = decode({ timestamp_ns: 5_000_000_000n }, splitClockOffset(-3_000_000_000n));
  assert.equal(nanoseconds(batch.timestamp), 2_000_000_000n);
});

Deno.test("decodeRecords() can reach every field as part of an aligned word", () => {
  for (const [name, offset] of Object.entries(RECORD_OFFSET)) {
    if (/address$|length|sequence|acknowledgment/.test(name)) assert.equal(offset % 4, 0, name);
  }
  // Both MAC addresses are read as three words.
  assert.equal(RECORD_OFFSET.destination_mac % 4, 0);
  assert.equal(RECORD_OFFSET.source_mac, RECORD_OFFSET.destination_mac + 6);
  // Smaller fields are taken out of these words.
  const shared = [
    ["ethertype", "ethertype", "vlan_id", "vlan_id"],
    ["source_port", "source_port", "destination_port", "destination_port"],
    ["icmp_type", "icmp_code", "segments", "segments"],
    ["tcp_window", "tcp_window", "segments", "segments"],
    ["present", "present", "attachment", "ip_protocol"],
    ["ttl", "traffic_class", "tcp_flags", "flags"],
  ] as const;
  for (const bytes of shared) {
    const word = RECORD_OFFSET[bytes[0]];
    assert.equal(word % 4, 0);
    bytes.forEach((name, index) => {
      if (name !== bytes[index - 1]) assert.equal(RECORD_OFFSET[name], word + index, name);
    });
  }
});

Deno.test("decodeRecords() cuts every field off at its own width", () => {
  const full = { present: 0xffff & ~PRESENT.ICMP, attachment: 255, ip_protocol: 255, ttl: 255 };
  const halves = { ethertype: 0xffff, source_port: 0xffff, segments: 0xffff };
  const batch = decode({ ...full, ...halves });
  assert.equal(batch.vlanId[0], 0);
  assert.equal(batch.destinationPort[0], 0);
  assert.equal(batch.tcpWindow[0], 0);
  assert.equal(batch.ecn[0], 0);
  assert.equal(batch.tcpFlags[0], 0);
  const other = decode({
    vlan_id: 0xffff,
    destination_port: 0xffff,
    traffic_class: 255,
    flags: 255,
  });
  assert.equal(other.ethertype[0], 0);
  assert.equal(other.sourcePort[0], 0);
  assert.equal(other.dscp[0], 63);
  assert.equal(other.ttl[0], 0);
  assert.equal(other.tcpFlags[0], 0);
});
