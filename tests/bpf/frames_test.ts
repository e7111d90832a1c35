/**
 * The frame table through the kernel: verdict, untouched bytes, and every field of the record.
 */
import assert from "node:assert/strict";

import { SystemError, testRunTc, testRunXdp } from "../../ffi/mod.ts";
import { BpfInspector, NEEDS_ROOT, TEST_ATTACHMENT } from "../support/bpf_inspector.ts";
import { ETHERNET_HEADER_BYTES, tcMayRefuse, xdpSplitContext } from "../support/kernel_frames.ts";
import { EMPTY_RECORD, readRecordFields, type RecordFields } from "../support/record_fields.ts";
import { ALL_ROWS } from "./rows/all_rows.ts";
import type { FrameRow } from "./rows/row.ts";

/** Verdicts: `enum xdp_action` of `linux/bpf.h`, `TCX_NEXT` of Linux 6.6. */
const XDP_PASS = 2;
const TCX_NEXT = -1;

type Counters = ReturnType<BpfInspector["counters"]>;

function expectedRecord(row: FrameRow): RecordFields {
  const record = {
    ...EMPTY_RECORD,
    packet_length: row.frame.length,
    attachment: TEST_ATTACHMENT,
    ...row.record,
  };
  return inOrder(record);
}

/** The record with its sets of names sorted, so that their order does not matter. */
function inOrder(record: RecordFields): RecordFields {
  return { ...record, present: [...record.present].sort(), flags: [...record.flags].sort() };
}

/** The one record that the run left in the ring. */
function takeRecord(inspector: BpfInspector): RecordFields {
  const records = inspector.drain();
  assert.equal(records.length, 1, "one record per packet");
  return inOrder(readRecordFields(records[0]!));
}

/** The counters have moved by one packet since `before`, and by nothing else than `row` says. */
function assertOnePacketSince(before: Counters, after: Counters, row: FrameRow): void {
  assert.deepEqual(after, {
    ...before,
    seen: before.seen + 1,
    captured: before.captured + 1,
    captured_bytes: before.captured_bytes + row.frame.length,
    parse_limit: before.parse_limit + (row.parseLimit ? 1 : 0),
  });
}

/** Runs `frame`; null if the kernel cannot make such a packet. */
function injected<T>(run: () => T): T | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof SystemError && error.code === "EINVAL") return null;
    throw error;
  }
}

Deno.test({
  name: "inspect_xdp() records what is there when given each frame of the table",
  ignore: NEEDS_ROOT,
  fn: async (t) => {
    using inspector = new BpfInspector("inspect_xdp");
    for (const row of ALL_ROWS) {
      await t.step(`given ${row.name}`, () => {
        const before = inspector.counters();

        const { verdict, data } = testRunXdp(inspector.programFd, row.frame);

        assert.equal(verdict, XDP_PASS);
        assert.deepEqual(data, row.frame);
        assert.deepEqual(takeRecord(inspector), expectedRecord(row));
        assertOnePacketSince(before, inspector.counters(), row);
      });
    }
  },
});

Deno.test({
  name: "inspect_xdp() records the same when a frame is split anywhere into fragments",
  ignore: NEEDS_ROOT || !canSplit(),
  fn: async (t) => {
    using inspector = new BpfInspector("inspect_xdp");
    for (const row of ALL_ROWS.filter(({ frame }) => frame.length <= 3000)) {
      await t.step(`given ${row.name}`, () => {
        for (let linear = 0; linear < Math.min(row.frame.length, 130); linear++) {
          const context = xdpSplitContext(linear);

          const { verdict, data } = testRunXdp(inspector.programFd, row.frame, 1, context);

          assert.equal(verdict, XDP_PASS);
          assert.deepEqual(data, row.frame);
          assert.deepEqual(takeRecord(inspector), expectedRecord(row), `${linear} bytes linear`);
        }
      });
    }
  },
});

for (const program of ["inspect_tc_ingress", "inspect_tc_egress"] as const) {
  Deno.test({
    name: `${program}() records what is there when given each frame of the table`,
    ignore: NEEDS_ROOT,
    fn: async (t) => {
      using inspector = new BpfInspector(program);
      for (const row of ALL_ROWS) {
        await t.step(`given ${row.name}`, () => {
          const before = inspector.counters();

          const result = injected(() => testRunTc(inspector.programFd, row.frame));

          if (result === null) {
            assert.ok(
              tcMayRefuse(row.frame),
              "the kernel refuses only what is known to be refused",
            );
            return;
          }
          assert.equal(result.verdict, TCX_NEXT);
          assert.deepEqual(result.data, row.frame);
          assert.deepEqual(takeRecord(inspector), expectedRecord(row));
          assertOnePacketSince(before, inspector.counters(), row);
        });
      }
    },
  });
}

Deno.test({
  name: "the kernel refuses to inject a frame when it is shorter than an Ethernet header",
  ignore: NEEDS_ROOT,
  fn: () => {
    using xdp = new BpfInspector("inspect_xdp");
    using tc = new BpfInspector("inspect_tc_ingress");
    for (let length = 0; length < ETHERNET_HEADER_BYTES; length++) {
      const frame = new Uint8Array(length);
      assert.equal(injected(() => testRunXdp(xdp.programFd, frame)), null, `XDP, ${length} bytes`);
      assert.equal(injected(() => testRunTc(tc.programFd, frame)), null, `TC, ${length} bytes`);
    }
    assert.equal(xdp.counters().seen + tc.counters().seen, 0);
  },
});

/** Whether this kernel lets a test choose how much of a frame is linear; else it answers EINVAL. */
function canSplit(): boolean {
  if (NEEDS_ROOT) return false;
  using inspector = new BpfInspector("inspect_xdp");
  const context = xdpSplitContext(ETHERNET_HEADER_BYTES);
  return injected(() => testRunXdp(inspector.programFd, new Uint8Array(64), 1, context)) !== null;
}
