import assert from "node:assert/strict";
import { type Evidence, findings, type Rows } from "../../../../src/render/page/findings.ts";
import type { Value } from "../../../../src/query/session.ts";
import { findReport } from "../../../../src/reports/all.ts";
import { START_NS } from "../../../support/fixture_packets.ts";

/** Rows of a report, of which only some values matter. */
function rowsOf(name: string, ...rows: Record<string, Value>[]): Rows {
  const { columns } = findReport(name);
  return { columns, rows: rows.map((row) => columns.map((column) => row[column.name] ?? null)) };
}

function evidence(part: Partial<Evidence>): Evidence {
  return {
    packets: 1000n,
    bytes: 1_000_000n,
    scans: rowsOf("scans"),
    failed: rowsOf("connections"),
    tcp: rowsOf("tcp"),
    conversations: rowsOf("conversations"),
    gaps: [],
    ...part,
  };
}

const SCAN = {
  source_ip: "10.0.0.7",
  kind: "port-scan",
  target_count: 1n,
  port_count: 498n,
  attempt_count: 498n,
  answered_count: 0n,
  refused_count: 498n,
  unanswered_count: 0n,
  duration_seconds: 0.01,
};

const FAILED = {
  client_ip: "10.0.0.2",
  server_ip: "10.0.0.9",
  server_port: 8080,
  state: "refused",
  connection_count: 12n,
  duration_seconds: 3,
};

const FLOW = {
  source_ip: "10.0.0.1",
  source_port: 80,
  destination_ip: "2001:db8::2",
  destination_port: 51000,
  segment_count: 1000n,
  retransmitted_count: 52n,
  retransmitted_share: 0.052,
  zero_window_count: 0n,
};

const CONVERSATION = {
  interface: "eth0",
  a_ip: "10.0.0.1",
  a_port: 80,
  b_ip: "10.0.0.2",
  b_port: 51000,
  total_bytes: 500_000n,
};

const CASES: readonly (readonly [what: string, Partial<Evidence>, sentences: string[]])[] = [
  ["nothing", {}, []],
  [
    "a scan of closed ports",
    { scans: rowsOf("scans", SCAN) },
    ["10.0.0.7 opened 498 connections to closed ports of 1 host in 10.0 ms."],
  ],
  [
    "a scan that found something",
    { scans: rowsOf("scans", { ...SCAN, answered_count: 2n, refused_count: 496n }) },
    [
      "10.0.0.7 opened 496 connections to closed ports of 1 host in 10.0 ms; 2 attempts found an open port.",
    ],
  ],
  [
    "a scan without answers",
    { scans: rowsOf("scans", { ...SCAN, refused_count: 8n, unanswered_count: 490n }) },
    ["10.0.0.7 tried 498 ports on 1 host in 10.0 ms: 8 refused, 490 without an answer."],
  ],
  [
    "a scan of hosts",
    {
      scans: rowsOf("scans", {
        ...SCAN,
        kind: "host-scan",
        target_count: 200n,
        port_count: 1n,
        refused_count: 0n,
        unanswered_count: 200n,
        duration_seconds: null,
      }),
    },
    ["10.0.0.7 tried 1 port of 200 hosts: 200 without an answer."],
  ],
  [
    "refused and unanswered connections",
    {
      failed: rowsOf(
        "connections",
        FAILED,
        { ...FAILED, state: "unanswered", server_port: null, connection_count: 3n },
      ),
    },
    [
      "10.0.0.9:8080 refused 12 connections of 10.0.0.2 in 3.00 s.",
      "10.0.0.9 left 3 connections of 10.0.0.2 unanswered in 3.00 s.",
    ],
  ],
  ["few failures", { failed: rowsOf("connections", { ...FAILED, connection_count: 2n }) }, []],
  [
    "failures of a scanner, once",
    {
      scans: rowsOf("scans", SCAN),
      failed: rowsOf("connections", { ...FAILED, client_ip: SCAN.source_ip }),
    },
    ["10.0.0.7 opened 498 connections to closed ports of 1 host in 10.0 ms."],
  ],
  [
    "a flow that sends much again, and not the row of all flows",
    { tcp: rowsOf("tcp", { ...FLOW, source_ip: null, source_port: null }, FLOW) },
    ["10.0.0.1:80 sent 52 of 1,000 segments to [2001:db8::2]:51000 again (5.2 %)."],
  ],
  ["a flow that sends little again", {
    tcp: rowsOf("tcp", { ...FLOW, retransmitted_share: 0.019 }),
  }, []],
  ["a share of few segments", { tcp: rowsOf("tcp", { ...FLOW, retransmitted_count: 4n }) }, []],
  [
    "a receiver that is full",
    { tcp: rowsOf("tcp", { ...FLOW, retransmitted_count: 0n, zero_window_count: 3n }) },
    ["10.0.0.1:80 told [2001:db8::2]:51000 3 times that it can take no more (zero window)."],
  ],
  [
    "a gap",
    { gaps: [{ from: START_NS, to: START_NS + 60_000_000_000n }] },
    [
      "Nothing was recorded for 1 min 00 s, from 2026-11-23 13:54:00.000 to 13:55:00.000 UTC.",
    ],
  ],
  [
    "a conversation that is half of all",
    { conversations: rowsOf("conversations", CONVERSATION) },
    ["One conversation, 10.0.0.1:80 with 10.0.0.2:51000 at eth0, has 50 % of all bytes."],
  ],
  [
    "a conversation that is less",
    { conversations: rowsOf("conversations", { ...CONVERSATION, total_bytes: 499_999n }) },
    [],
  ],
  ["no bytes at all", { bytes: 0n, conversations: rowsOf("conversations", CONVERSATION) }, []],
];

for (const [what, part, sentences] of CASES) {
  Deno.test(`findings() says what stands out of ${what}`, () => {
    assert.deepEqual(findings(evidence(part)), sentences);
  });
}

Deno.test("findings() names three of a kind, the first ones", () => {
  const sources = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"];
  const scans = rowsOf("scans", ...sources.map((source_ip) => ({ ...SCAN, source_ip })));
  const named = findings(evidence({ scans })).map((text) => text.split(" ")[0]);
  assert.deepEqual(named, sources.slice(0, 3));
});
