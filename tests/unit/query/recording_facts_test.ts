import assert from "node:assert/strict";
import { FILE_METADATA_KEY } from "../../../src/contract/file_metadata.ts";
import {
  captureCounters,
  completeness,
  recordedAttachments,
  recordedContent,
  sampleRate,
} from "../../../src/query/recording_facts.ts";

function counters(value: unknown) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return captureCounters(new Map([[FILE_METADATA_KEY.counters, text]]));
}

const GOOD = {
  packets_seen: 15,
  packets_captured: 7,
  packets_dropped: 3,
  packets_filtered: 5,
  drops: { ring_full: 3 },
};

/** Blanks, which JSON may have behind it: no text with them is the recorder's. */
const TOO_LONG = " ".repeat(4 * 2 ** 20);

Deno.test("captureCounters() reads what the recorder writes", () => {
  assert.deepEqual(counters(GOOD), {
    seen: 15n,
    captured: 7n,
    dropped: 3n,
    filtered: 5n,
    drops: new Map([["ring_full", 3n]]),
  });
});

Deno.test("captureCounters() gives null for missing or damaged counters", () => {
  assert.equal(captureCounters(new Map()), null);
  for (
    const bad of [
      "",
      "{",
      "null",
      "[]",
      "7",
      { ...GOOD, packets_seen: -1 },
      { ...GOOD, packets_captured: 1.5 },
      { ...GOOD, packets_dropped: "3" },
      { ...GOOD, packets_seen: 2 ** 60 },
      { ...GOOD, drops: { ring_full: null } },
      { packets_seen: 1 },
      JSON.stringify(JSON.stringify(GOOD)),
      JSON.stringify(GOOD) + TOO_LONG,
    ]
  ) assert.equal(counters(bad), null, JSON.stringify(bad));
});

Deno.test("recordedContent() has what the recorder counted, and null for what is none", () => {
  const content = (value: unknown, more = "") =>
    recordedContent(new Map([[FILE_METADATA_KEY.counters, JSON.stringify(value) + more]]));
  const counted = { packets_captured: 7, bytes_captured: 700 };
  assert.deepEqual(content(counted), { packets: 7n, bytes: 700n });
  assert.equal(recordedContent(new Map()), null);
  for (const bad of [null, [], GOOD, { ...counted, packets_captured: -1 }]) {
    assert.equal(content(bad), null, JSON.stringify(bad));
  }
  assert.equal(content(counted, TOO_LONG), null);
});

Deno.test("completeness() sums the files and counts those that say nothing", () => {
  const other = counters({ ...GOOD, drops: { ring_full: 1, queue_full: 2 } });
  assert.deepEqual(completeness([counters(GOOD), null, other]), {
    counters: {
      seen: 30n,
      captured: 14n,
      dropped: 6n,
      filtered: 10n,
      drops: new Map([["ring_full", 4n], ["queue_full", 2n]]),
    },
    files: 3,
    filesUnknown: 1,
  });
});

Deno.test("sampleRate() is 1 when the file does not say", () => {
  assert.equal(sampleRate(new Map(), "x"), 1);
  assert.equal(sampleRate(new Map([[FILE_METADATA_KEY.sampleRate, "100"]]), "x"), 100);
});

Deno.test("sampleRate() takes rates from 1 to 2^32", () => {
  for (const rate of [1, 2, 2 ** 31, 2 ** 32 - 1, 2 ** 32]) {
    assert.equal(sampleRate(new Map([[FILE_METADATA_KEY.sampleRate, String(rate)]]), "x"), rate);
  }
});

Deno.test("sampleRate() refuses what is no rate instead of guessing", () => {
  const tooLarge = ["4294967297", "4294967300", "9999999999", "10000000000", "99999999999"];
  for (const text of ["", "0", "-1", "1.5", "NaN", "1e3", " 1", ...tooLarge]) {
    const metadata = new Map([[FILE_METADATA_KEY.sampleRate, text]]);
    assert.throws(() => sampleRate(metadata, "x.parquet"), {
      message: `Cannot read "x.parquet": its sample rate "${text}" is not valid`,
    });
  }
});

Deno.test("recordedAttachments() reads what the recorder writes, and passes over what is none", () => {
  const read = (value: unknown) =>
    recordedAttachments(new Map([[FILE_METADATA_KEY.attachments, JSON.stringify(value)]]));
  const eth0 = { slot: 0, interface: "eth0", direction: "ingress", hook: "xdp", mode: "native" };
  const { slot: _, ...facts } = eth0;
  assert.deepEqual(read([{ ...eth0, counters: GOOD }]), [{
    ...facts,
    counters: {
      seen: 15n,
      captured: 7n,
      dropped: 3n,
      filtered: 5n,
      drops: new Map([["ring_full", 3n]]),
    },
  }]);
  assert.deepEqual(read([{ interface: "eth0", direction: "egress", hook: 7 }]), [
    { interface: "eth0", direction: "egress", hook: null, mode: null, counters: null },
  ]);
  assert.deepEqual(read([{ ...eth0, counters: JSON.stringify(GOOD) }]), [
    { ...facts, counters: null },
  ]);
  for (const bad of [null, 7, {}, [null], [{ interface: "a\0b", direction: "egress" }], [[]]]) {
    assert.deepEqual(read(bad), [], JSON.stringify(bad));
  }
  const long = JSON.stringify([eth0]) + TOO_LONG;
  assert.deepEqual(recordedAttachments(new Map([[FILE_METADATA_KEY.attachments, long]])), []);
  assert.deepEqual(recordedAttachments(new Map()), []);
  assert.deepEqual(recordedAttachments(new Map([[FILE_METADATA_KEY.attachments, "{"]])), []);
});
