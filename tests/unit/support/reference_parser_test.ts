import assert from "node:assert/strict";

import { ALL_ROWS } from "../../bpf/rows/all_rows.ts";
import { ipv4 } from "../../support/frames/ipv4.ts";
import { extension, ipv6 } from "../../support/frames/ipv6.ts";
import { ethernet, ETHERTYPE, vlan } from "../../support/frames/link.ts";
import { concat, filler } from "../../support/frames/octets.ts";
import { PROTOCOL, udp } from "../../support/frames/transport.ts";
import { EMPTY_RECORD, readRecordFields, type RecordFields } from "../../support/record_fields.ts";
import { type PacketMetadata, referenceRecord } from "../../support/reference_parser.ts";

const ATTACHMENT = 7;

function fieldsOf(frame: Uint8Array, metadata?: PacketMetadata): RecordFields {
  return readRecordFields(referenceRecord(frame, ATTACHMENT, metadata).record);
}

/** The record with its sets of names sorted, so that their order does not matter. */
function inOrder(record: RecordFields): RecordFields {
  return { ...record, present: [...record.present].sort(), flags: [...record.flags].sort() };
}

Deno.test("referenceRecord() agrees with the frame table, written by hand, on every row", async (t) => {
  for (const row of ALL_ROWS) {
    await t.step(`given ${row.name}`, () => {
      const { record, parseLimit } = referenceRecord(row.frame, ATTACHMENT);
      const expected = { packet_length: row.frame.length, attachment: ATTACHMENT, ...row.record };
      assert.deepEqual(
        inOrder(readRecordFields(record)),
        inOrder({ ...EMPTY_RECORD, ...expected }),
      );
      assert.equal(parseLimit, row.parseLimit === true);
    });
  }
});

Deno.test("referenceRecord() knows only the length when a frame is shorter than its header", () => {
  for (let length = 0; length < 14; length++) {
    const expected = { ...EMPTY_RECORD, packet_length: length, attachment: ATTACHMENT };
    assert.deepEqual(fieldsOf(filler(length)), expected);
  }
});

Deno.test("referenceRecord() takes the outer tag from the metadata when it is not in the frame", () => {
  const datagram = ipv4({ protocol: PROTOCOL.UDP }, udp());

  const untagged = fieldsOf(ethernet(ETHERTYPE.IPV4, datagram), { vlanTci: 0xe123 });
  const tagged = fieldsOf(
    ethernet(ETHERTYPE.VLAN, vlan(5, ETHERTYPE.IPV4), datagram),
    { vlanTci: 0xe123 },
  );

  assert.equal(untagged.vlan_id, 0x123);
  assert.equal(untagged.packet_length, 14 + 4 + 20 + 8);
  assert.ok(untagged.present.includes("PORTS"));
  assert.equal(tagged.vlan_id, 0x123);
  assert.equal(tagged.packet_length, 14 + 4 + 4 + 20 + 8);
  assert.ok(tagged.present.includes("PORTS"));
});

Deno.test("referenceRecord() leaves the ninth tag as ethertype when the first is metadata", () => {
  const behind = (tags: number) =>
    ethernet(
      ETHERTYPE.VLAN,
      ...Array.from({ length: tags - 1 }, () => vlan(5, ETHERTYPE.VLAN)),
      vlan(6, ETHERTYPE.IPV4),
      ipv4({ protocol: PROTOCOL.UDP }, udp()),
    );

  const eight = fieldsOf(behind(7), { vlanTci: 0x0001 });
  const nine = referenceRecord(behind(8), ATTACHMENT, { vlanTci: 0x0001 });

  assert.equal(eight.ethertype, ETHERTYPE.IPV4);
  assert.ok(eight.present.includes("PORTS"));
  const { vlan_id, ethertype, present } = readRecordFields(nine.record);
  assert.deepEqual({ vlan_id, ethertype }, { vlan_id: 1, ethertype: ETHERTYPE.VLAN });
  assert.deepEqual(present, ["MAC", "ETHERTYPE", "PROTOCOL", "VLAN"]);
  assert.ok(nine.parseLimit);
});

Deno.test("referenceRecord() measures to the frame's end when a GSO packet has length 0", () => {
  const payload = udp(filler(30));
  const frames = [
    ethernet(ETHERTYPE.IPV4, ipv4({ protocol: PROTOCOL.UDP, totalLength: 0 }, payload)),
    ethernet(ETHERTYPE.IPV6, ipv6({ next: PROTOCOL.UDP, payloadLength: 0 }, payload)),
  ];
  for (const frame of frames) {
    const segmented = fieldsOf(frame, { gsoSegments: 3 });
    const whole = fieldsOf(frame, { gsoSegments: 1 });

    assert.equal(segmented.segments, 3);
    assert.equal(segmented.payload_length, 30);
    assert.equal(whole.segments, 1);
    assert.equal(whole.present.includes("PORTS"), false);
  }
});

Deno.test("referenceRecord() believes the length of a GSO packet when it is not 0", () => {
  const frame = ethernet(
    ETHERTYPE.IPV6,
    ipv6(
      { next: PROTOCOL.DESTINATION, payloadLength: 8 + 8 + 10 },
      concat(extension(PROTOCOL.UDP), udp(filler(30))),
    ),
  );
  assert.equal(fieldsOf(frame, { gsoSegments: 2 }).payload_length, 10);
});
