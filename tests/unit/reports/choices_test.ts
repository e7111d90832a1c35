/** What was chosen for a report, as it comes out: rows, layout, order, and the SQL of it. */
import assert from "node:assert/strict";
import { runStats } from "../../../src/commands/stats/run_stats.ts";
import { OVERVIEW_SQL } from "../../../src/query/overview.ts";
import { Recordings } from "../../../src/query/recordings.ts";
import { FORMATS } from "../../../src/render/formats.ts";
import { REPORTS } from "../../../src/reports/all.ts";
import { explainReport, reportQuery } from "../../../src/reports/answer.ts";
import { type Choices, defaultChoices, type TableReport } from "../../../src/reports/report.ts";
import { SUMMARY } from "../../../src/reports/summary.ts";
import { TOP } from "../../../src/reports/top.ts";
import { fixturePath } from "../../support/make_fixture.ts";

const PACKETS = { name: "packet_count", kind: "count" } as const;
const PACKET_CELL = { heading: "Packets", column: "packet_count" };

/** A report that the program does not have: its key, columns, query and note are what was chosen. */
const CHOOSY: TableReport = {
  kind: "table",
  name: "choosy",
  help: "what you like",
  columns: [],
  defaultLimit: 0,
  keys: [],
  sorts: [],
  cells: [],
  by: {
    default: "direction",
    groupings: [{ name: "direction", help: "" }, { name: "protocol", help: "" }],
  },
  flags: [{ long: "--least", valueName: "<n>", help: "", defaultText: "", parse: Number }],
  layout: ({ by }) => ({
    columns: [{ name: by!.name, kind: "text" }, PACKETS],
    keys: [by!.name],
    sorts: ["packet_count"],
    cells: [{ heading: by!.name.toUpperCase(), column: by!.name }, PACKET_CELL],
    note: () => `this is by ${by!.name}`,
  }),
  sql: ({ by, flags }) => `
    SELECT ${by!.name}, sum_packets(sample_rate) AS packet_count FROM packets GROUP BY 1
    HAVING packet_count >= ${flags.get("--least") ?? 0}`,
};

async function print(choices: Partial<Choices>, format = "json", limit = 0): Promise<string> {
  let text = "";
  await runStats(
    {
      report: "choosy",
      files: [fixturePath("complete")],
      limit,
      format,
      choices: { ...defaultChoices(CHOOSY), ...choices },
    },
    { data: (part) => text += part, note: () => {}, screen: { width: null, colour: false } },
    { reports: [...REPORTS, CHOOSY], formats: FORMATS },
  );
  return text;
}

const BY_PROTOCOL = { by: { name: "protocol", argument: [] } };

Deno.test("runStats() asks for what was chosen, and lays it out so", async () => {
  assert.deepEqual(JSON.parse(await print({})), [
    { direction: "ingress", packet_count: 22 },
    { direction: "egress", packet_count: 14 },
  ]);
  const flags = new Map([["--least", 4]]);
  assert.deepEqual(JSON.parse(await print({ ...BY_PROTOCOL, flags })), [
    { protocol: "TCP", packet_count: 25 },
  ]);
  const table = await print(BY_PROTOCOL, "table");
  assert.match(table, /^PROTOCOL +Packets\nTCP +25\n/);
  assert.match(table, /\nthis is by protocol\n/);
});

Deno.test("runStats() sorts by the chosen column, both ways, before it cuts", async () => {
  const names = async (column: string, descending: boolean, limit = 0) => {
    const order = { column, descending };
    const rows = JSON.parse(await print({ ...BY_PROTOCOL, order }, "json", limit));
    return rows.map(({ protocol }: { protocol: string | null }) => protocol);
  };
  // Equal counts stand in the order of the report; NULL is last, whichever way.
  const [ascending, descending] = [
    ["ARP", "ICMP", "ICMPv6", "IP-253", "TCP", "UDP", null],
    ["UDP", "TCP", "IP-253", "ICMPv6", "ICMP", "ARP", null],
  ];
  assert.deepEqual(await names("protocol", false), ascending);
  assert.deepEqual(await names("protocol", true), descending);
  assert.deepEqual(await names("protocol", true, 2), descending.slice(0, 2));
  assert.deepEqual(await names("packet_count", false, 3), ["IP-253", null, "ARP"]);
});

Deno.test("runStats() prints the SQL for --explain, and opens no file", async () => {
  let text = "";
  const code = await runStats(
    { report: "top", files: ["/nonexistent"], limit: 3, format: "json", explain: true },
    { data: (part) => text += part, note: () => {}, screen: { width: null, colour: false } },
  );
  assert.equal(code, 0);
  assert.equal(text, explainReport(TOP, { limit: 3 }));
  assert.match(
    text,
    /^WITH report AS \(\n {2}SELECT direction, source_ip,\n(.*\n)+.* LIMIT 3\n.*;\n$/,
  );
});

Deno.test("explainReport() gives SQL that answers as the report does, for every report", async () => {
  using recordings = await Recordings.open([fixturePath("complete")]);
  const ask = async (sql: string) =>
    (await Array.fromAsync(recordings.rows({ sql, parameters: {} }))).flat();
  for (const report of REPORTS) {
    if (report.kind === "summary") continue;
    for (const limit of [null, 0, 2]) {
      const { sql } = reportQuery(report, limit ?? report.defaultLimit, false);
      assert.deepEqual(await ask(explainReport(report, { limit })), await ask(sql), report.name);
    }
  }
  const summary = explainReport(SUMMARY, { limit: null });
  const parts = summary.split(/^-- \w+\n/m).slice(1);
  assert.deepEqual(summary.match(/^-- \w+$/gm), ["-- summary", "-- traffic", "-- top", "-- flows"]);
  assert.deepEqual(await ask(parts[0]!), await ask(OVERVIEW_SQL));
  assert.equal(parts[2]!.trim() + "\n", explainReport(TOP, { limit: 5 }));
});
