/** `stats` about packet files of other programs. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { StatsOptions } from "../../../src/cli/stats_options.ts";
import { runStats } from "../../../src/commands/stats/run_stats.ts";
import { openInput } from "../../../src/query/imported_recording.ts";
import { EVERYTHING } from "../../../src/query/selection.ts";
import { REPORTS } from "../../../src/reports/all.ts";
import { ipv4 } from "../../support/frames/ipv4.ts";
import { ethernet, ETHERTYPE } from "../../support/frames/link.ts";
import { concat, filler } from "../../support/frames/octets.ts";
import { PROTOCOL, tcp, udp } from "../../support/frames/transport.ts";
import { run } from "../../support/child_process.ts";
import { inspector } from "../../support/inspector_cli.ts";
import { fixturePath } from "../../support/make_fixture.ts";
import { OPTION, type Option, pcap, Pcapng, text } from "../../support/packet_files.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

const UDP = ethernet(ETHERTYPE.IPV4, ipv4({ protocol: PROTOCOL.UDP }, udp(filler(7))));
const TCP = ethernet(ETHERTYPE.IPV4, ipv4({ protocol: PROTOCOL.TCP }, tcp({}, filler(9))));
const NG = new Pcapng();
const FLAGS = (value: number): Option => [OPTION.EPB_FLAGS, NG.bytes.u32(value)];

async function stats(files: readonly string[], options: Partial<StatsOptions> = {}) {
  let data = "";
  let note = "";
  const code = await runStats(
    { report: "interfaces", files, limit: null, format: "json", ...options },
    {
      data: (text) => data += text,
      note: (text) => note += text,
      screen: { width: null, colour: false },
    },
  );
  return { code, data, note };
}

function write(directory: TempDirectory, name: string, bytes: Uint8Array): string {
  const path = directory.file(name);
  Deno.writeFileSync(path, Uint8Array.from(bytes));
  return path;
}

/** Three packets of an interface with a name, one of one without. */
function mixed(...last: readonly Uint8Array[]): Uint8Array {
  return concat(
    NG.section(),
    NG.interface(1, [[OPTION.IF_NAME, text("eth0")]]),
    NG.interface(101),
    NG.packet({ data: UDP, at: 1_000_000n, options: [FLAGS(1)] }),
    NG.packet({ data: TCP, at: 1_500_000n, options: [FLAGS(2)] }),
    NG.packet({ data: TCP.slice(14), at: 2_000_000n, on: 1 }),
    NG.packet({ data: UDP, at: 2_000_000n }),
    ...last,
  );
}

Deno.test("runStats() tells interfaces and directions of a packet file, as far as it does", async () => {
  using directory = TempDirectory.create();
  const { code, data, note } = await stats([write(directory, "a.pcapng", mixed())]);
  assert.equal(code, 0);
  const rows = JSON.parse(data).map((row: Record<string, unknown>) => [
    row.interface,
    row.direction,
    row.hook,
    row.mode,
    row.packet_count,
    row.packets_dropped,
  ]);
  assert.deepEqual(
    new Set(rows.map(String)),
    new Set([
      ["eth0", "ingress", "file", "pcapng", 1, null],
      ["eth0", "egress", "file", "pcapng", 1, null],
      ["eth0", null, "file", "pcapng", 1, null],
      [null, null, "file", "pcapng", 1, null],
    ].map(String)),
  );
  assert.match(note, /^capture loss unknown\n/);
});

Deno.test("runStats() makes every report of a packet file that says neither interface nor direction", async () => {
  using directory = TempDirectory.create();
  const file = pcap([{ data: UDP }, { data: TCP, length: 900 }, { data: filler(20) }]);
  const path = write(directory, "a.pcap", file);
  for (const { name } of REPORTS) {
    const { code, data } = await stats([path], { report: name, format: "table" });
    assert.equal(code, 0);
    assert.doesNotMatch(data, /invalid|undefined|NaN/, name);
  }
  const { data } = await stats([path], { report: "flows" });
  assert.deepEqual(
    JSON.parse(data).map((row: Record<string, unknown>) => [row.direction, row.total_bytes]),
    [[null, 900], [null, UDP.length]],
  );
});

Deno.test("runStats() tells the losses that a packet file tells", async () => {
  using directory = TempDirectory.create();
  const losses = [0, 1].map((on) => NG.statistics(on, [[OPTION.ISB_IFDROP, NG.bytes.u64(3n)]]));
  const { data } = await stats([write(directory, "a.pcapng", mixed(...losses))], {
    report: "summary",
    format: "table",
  });
  assert.match(data, /^lost 6 of 10 packets \(60 %\), at capture$/m);
});

Deno.test("runStats() selects by interface and direction, where they are known", async () => {
  using directory = TempDirectory.create();
  const path = write(directory, "a.pcapng", mixed());
  const count = async (selection: Partial<typeof EVERYTHING>) => {
    const { data } = await stats([path], { selection: { ...EVERYTHING, ...selection } });
    const rows: { packet_count: number }[] = JSON.parse(data);
    return rows.reduce((sum, row) => sum + row.packet_count, 0);
  };
  assert.equal(await count({}), 4);
  assert.equal(await count({ interfaces: ["eth0"] }), 3);
  assert.equal(await count({ direction: "in" }), 1);
  assert.equal(await count({ direction: "out", interfaces: ["eth0"] }), 1);
});

Deno.test("runStats() says of a packet file without names that it has none", async () => {
  using directory = TempDirectory.create();
  const path = write(directory, "a.pcap", pcap([{ data: UDP }]));
  const selection = { ...EVERYTHING, interfaces: ["eth0"] };
  await assert.rejects(stats([path], { selection }), {
    name: "RunError",
    message: 'Cannot select interface "eth0": it was not recorded',
    hint: "The files do not name any interface",
  });
});

Deno.test("runStats() answers from what a damaged packet file has, says where it ends, and ends with 1", async () => {
  using directory = TempDirectory.create();
  const whole = mixed();
  const last = NG.packet({ data: UDP, at: 2_000_000n }).length;
  const path = write(directory, "a.pcapng", whole.slice(0, -1));
  const { code, data, note } = await stats([path], { report: "top" });
  assert.equal(code, 1);
  const [row] = JSON.parse(data);
  assert.equal(JSON.parse(data).length, 3);
  assert.equal(row.packet_count, 1);
  const said = `Cannot read "${path}" to its end: the file ends within a block, at byte ` +
    `${whole.length - last}\n  The 3 packets before are in the answer\n`;
  assert.ok(note.includes(said), note);
});

Deno.test("runStats() looks at what a file holds, not at its name", async () => {
  using directory = TempDirectory.create();
  const packets = write(directory, "a.parquet", mixed());
  assert.equal(JSON.parse((await stats([packets])).data).length, 4);
  const recording = directory.file("b.pcap");
  Deno.copyFileSync(fixturePath("complete"), recording);
  const { data } = await stats([recording]);
  assert.equal(data, (await stats([fixturePath("complete")])).data);
  // Both at once, and as one of many.
  const { code } = await stats([packets, recording]);
  assert.equal(code, 0);
});

Deno.test("stats reads a compressed packet file from standard input", async () => {
  using directory = TempDirectory.create();
  const path = write(directory, "a.pcapng.gz", gzipSync(Uint8Array.from(mixed())));
  const script = 'cat "$0" | "$@"';
  const command = inspector("stats", "interfaces", "-f", "-", "--format", "csv");
  const { code, stdout, stderr } = await run(["sh", "-c", script, path, ...command]);
  assert.equal(stderr, "capture loss unknown\n");
  assert.equal(code, 0);
  assert.equal(stdout.split("\n").filter((line) => line.includes(",file,pcapng,1,")).length, 4);
});

Deno.test("runStats() leaves out a packet file that a pattern led to and that cannot be read", async () => {
  using directory = TempDirectory.create();
  write(directory, "a.parquet", mixed());
  write(directory, "b.parquet", pcap([{ data: UDP }], { linkType: 105 }));
  write(directory, "c.parquet", gzipSync(Uint8Array.from(filler(100))));
  const { code, data, note } = await stats([directory.path]);
  assert.equal(code, 1);
  assert.equal(JSON.parse(data).length, 4);
  assert.match(note, /b\.parquet": link type 105 \(IEEE802_11\) is not supported\n/);
  assert.match(note, /c\.parquet": what is compressed in it is no packet file\n/);
  assert.match(note, /2 files are not readable and left out/);
});

Deno.test("openInput() keeps what it has read of a packet file that grows, and says so", async () => {
  using directory = TempDirectory.create();
  const path = write(directory, "a.pcap", pcap([{ data: UDP }, { data: UDP }]));
  const grow = () =>
    Deno.writeFileSync(path, pcap([{ data: UDP }]).slice(24, 30), { append: true });
  using recording = await openInput({ path, label: "x", named: true }, { say: grow });
  assert.deepEqual(recording.findings.map(({ isFault, text }) => [isFault, text]), [
    [
      true,
      `Cannot read "x" to its end: the file ends within a packet, at byte ${
        24 + 2 * (16 + UDP.length)
      }`,
    ],
    [true, '"x" was written to while it was read'],
  ]);
  assert.equal(recording.outline.rows, 2);
});

Deno.test("openInput() comes to an end of a packet file that grows faster than it is read", async () => {
  using directory = TempDirectory.create();
  const packets = new Array(50).fill({ data: new Uint8Array(40_000) });
  const path = write(directory, "a.pcap", pcap(packets));
  const stop = new AbortController().signal;
  const listen = stop.addEventListener.bind(stop);
  let reads = 0;
  // It is listened to before each read, which is half as long as what is written here.
  stop.addEventListener = (...args: Parameters<typeof listen>) => {
    if (reads++ < 50) Deno.writeFileSync(path, pcap(packets).slice(24), { append: true });
    listen(...args);
  };
  using recording = await openInput({ path, label: "x", named: true }, { stop });
  assert.ok(reads < 25, `${reads} reads`);
  const { rows } = recording.outline;
  assert.ok(rows >= 100 && rows < 500, `${rows} rows`);
  assert.equal(recording.findings.at(-1)!.text, '"x" was written to while it was read');
});

Deno.test("openInput() refuses an empty file and one that is too short to be told", async () => {
  using directory = TempDirectory.create();
  const open = (bytes: Uint8Array) =>
    openInput({ path: write(directory, "a.pcap", bytes), label: "x", named: true });
  await assert.rejects(open(new Uint8Array()), { message: 'Cannot read "x": the file is empty' });
  await assert.rejects(open(pcap([]).slice(0, 3)), {
    message: 'Cannot read "x": not a Parquet file',
  });
});
