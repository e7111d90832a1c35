/** Recordings that go well: what the file holds, what the report says, what ends them. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { COLUMNS } from "../../src/contract/columns.ts";
import {
  exists,
  inspector,
  type JsonReport,
  Recording,
  reportOf,
} from "../support/inspector_cli.ts";
import { type NetnsEnd, NetnsPair } from "../support/netns.ts";
import { footerRowCount, query, readRowsWithHyparquet } from "../support/parquet_rows.ts";
import { slowRecorder } from "../support/slow_recorder.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { DISCARD_PORT } from "../support/traffic_peer.ts";
import { flood, ping, trafficPeer } from "../support/traffic.ts";
import { heldLinks, untilNothingAttached, xdpProgram } from "../support/xdp_state.ts";

/** Keys of the JSON report (REFERENCE.md, "Final report"), in this order. */
const REPORT_KEYS = [
  "output",
  "interfaces",
  "duration_seconds",
  "packets_seen",
  "packets_captured",
  "packets_dropped",
  "drops",
  "packets_sampled_out",
  "packets_filtered",
  "bytes_captured",
  "rows_written",
  "file_bytes",
  "sample_rate",
  "filter",
  "interface_events",
  "interface_events_left_out",
  "clock_changes",
];

/** Ethernet (14), IPv4 (20) and UDP (8) header bytes. */
const UDP_HEADERS = 42;

function holdsTogether(report: JsonReport): void {
  equal(
    report.packets_seen,
    report.packets_captured + report.packets_dropped + report.packets_sampled_out +
      report.packets_filtered,
  );
  equal(report.packets_dropped, Object.values(report.drops).reduce((sum, n) => sum + n, 0));
  equal(report.rows_written, report.packets_captured);
}

/** Packets that the kernel says the interface has received. */
async function receivedBy(end: NetnsEnd): Promise<number> {
  const text = await end.check(["ip", "-json", "-stats", "link", "show", "dev", end.interface]);
  return JSON.parse(text)[0].stats64.rx.packets;
}

for (const mode of ["native", "generic", "tc"]) {
  Deno.test(`record --mode ${mode} writes exactly the 100,000 packets that were sent`, async () => {
    await using rig = await NetnsPair.create({ ipv6: false });
    using directory = TempDirectory.create();
    const recording = await Recording.start(rig.b, directory.path, ["--json", "--mode", mode]);
    const before = await receivedBy(rig.b);
    await flood(rig, 100_000, 22);
    equal(await receivedBy(rig.b) - before, 100_000);
    const report = await recording.stopWithReport();

    holdsTogether(report);
    equal(report.packets_dropped, 0);
    // Answers of the other side: "port unreachable", as many as its rate limit lets through.
    const [counted] = await query(
      recording.output,
      `SELECT count(*)::INTEGER AS rows, sum(packet_length)::INTEGER AS bytes,
              count(DISTINCT source_port)::INTEGER AS ports, min(payload_length) AS payload,
              count(DISTINCT "timestamp") > 1 AS times
       FROM packets WHERE direction = 'ingress' AND source_ip = '${rig.a.ipv4}'
         AND protocol = 'UDP' AND destination_port = ${DISCARD_PORT}`,
    );
    deepEqual(counted, {
      rows: 100_000,
      bytes: 100_000 * (UDP_HEADERS + 22),
      ports: 1,
      payload: 22,
      times: true,
    });
    equal(await footerRowCount(recording.output), report.rows_written);
    const rows = await readRowsWithHyparquet(recording.output);
    deepEqual(Object.keys(rows[0]!), COLUMNS.map((column) => column.name));
    equal(rows.filter((row) => row.destination_port === DISCARD_PORT).length, 100_000);
    const line = recording.process.stderr.split("\n").find((it) => it.startsWith("recording "));
    ok(line?.includes(`${rig.b.interface} ingress ${mode === "tc" ? "tcx" : `xdp/${mode}`}`), line);
  });
}

Deno.test("record --count stops after exactly that many packets", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const recording = await Recording.start(rig.b, directory.path, [
    ...["--json", "--count", "1000", "-d", "60s"],
  ]);
  await flood(rig, 5_000, 22);
  const report = reportOf(await recording.process.end(60_000)); // ends by itself
  equal(report.rows_written, 1_000);
  equal(await footerRowCount(recording.output), 1_000);
  holdsTogether(report);
});

Deno.test("record --json prints the report with exactly the documented keys", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const start = performance.now();
  const recording = await Recording.start(rig.b, directory.path, ["--json"]);
  await ping(rig, 1, ["ipv4"]);
  const report = await recording.stopWithReport();
  const elapsed = (performance.now() - start) / 1000;
  deepEqual(Object.keys(report), REPORT_KEYS);
  equal(report.output, recording.output);
  equal(report.sample_rate, 1);
  equal(report.file_bytes, Deno.statSync(recording.output).size);
  const { duration_seconds } = report;
  ok(duration_seconds > 0 && duration_seconds < elapsed, `${duration_seconds} of ${elapsed}`);
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.test(`record ends in order on ${signal}, long before its duration`, async () => {
    await using rig = await NetnsPair.create({ ipv6: false });
    using directory = TempDirectory.create();
    const recording = await Recording.start(rig.b, directory.path, ["-d", "1h"]);
    await flood(rig, 100, 22);
    const links = heldLinks(recording.process.pid);
    const ended = await recording.stop(signal);
    equal(ended.code, 0, ended.stderr);
    equal(ended.stdout, "");
    match(ended.stderr, /\d+ packets captured/);
    match(ended.stderr, /\d+ packets received by filter/);
    match(ended.stderr, /0 packets dropped by kernel/);
    const [counted] = await query(
      recording.output,
      `SELECT count(*)::INTEGER AS n FROM packets WHERE destination_port = ${DISCARD_PORT}`,
    );
    equal(counted?.n, 100);
    await untilNothingAttached(rig.b, links);
    deepEqual(directory.list().filter((name) => !name.startsWith("ready-")), ["traffic.parquet"]);
  });
}

Deno.test("record leaves at once with 130 on a second SIGINT, without a file", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  // There are seconds of writing left when the first one comes.
  const program = slowRecorder({ delayMs: 2000 });
  const recording = await Recording.start(rig.b, directory.path, ["-d", "0"], {}, program);
  await flood(rig, 100_000, 22);
  recording.process.signal("SIGINT");
  // The first one detaches before it does anything else; the second one comes while it writes.
  await untilNothingAttached(rig.b);
  const ended = await recording.stop();
  equal(ended.code, 130, ended.stderr);
  deepEqual(directory.list().filter((name) => !name.startsWith("ready-")), []);
});

Deno.test("record prints its counters on SIGQUIT and goes on", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const recording = await Recording.start(rig.b, directory.path, ["--json", "-Q", "in"]);
  await flood(rig, 10, 22);
  const before = recording.process.stderr.length;
  recording.process.signal("SIGQUIT");
  // The line that says that it records may come as late as this.
  await recording.process.until("the counters", 60_000, ({ stderr }) => {
    return /^[\d.]+ \w+ .*\b10 packets\b.*\n/m.test(stderr.slice(before));
  });
  await flood(rig, 10, 22);
  equal((await recording.stopWithReport()).packets_captured, 20);
});

Deno.test("record -v prints a line a second with the sources of that second", async () => {
  await using rig = await NetnsPair.create();
  using directory = TempDirectory.create();
  const recording = await Recording.start(rig.b, directory.path, ["-v", "-Q", "in", "-d", "60s"]);
  const line = (address: string) => new RegExp(`^[\\d.]+ s of 1 min 00 s .*  ${address} `, "m");
  for (const [family, other] of [["ipv4", "ipv6"], ["ipv6", "ipv4"]] as const) {
    const shownBefore = recording.process.stderr.length;
    await ping(rig, 5, [family]);
    const shown = () => recording.process.stderr.slice(shownBefore);
    await recording.process.until(`the ${family} source`, 60_000, () => {
      return line(rig.a[family]).test(shown());
    });
    // Two seconds on, what came before is no longer shown.
    const lines = shown().split("\n").filter((text) => text.includes(rig.a[family]));
    equal(lines.filter((text) => text.includes(rig.a[other])).length, 0, shown());
    await recording.process.until("a quiet second", 60_000, () => {
      return shown().slice(shown().indexOf(rig.a[family])).includes("  0 packets/s");
    });
  }
  const { code, stderr } = await recording.stop();
  equal(code, 0);
  const elapsed = [...stderr.matchAll(/^([\d.]+) s of 1 min 00 s /gm)].map(([, text]) =>
    Number(text)
  );
  deepEqual(elapsed, elapsed.toSorted((one, other) => one - other));
  ok(elapsed[0]! >= 1 && elapsed.at(-1)! > elapsed[0]!, elapsed.join());
});

Deno.test("record leaves nothing attached and no file behind when it is killed", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  Deno.writeTextFileSync(directory.file("traffic.parquet"), "an older file");
  const flags = ["--force", "--mode", "native"];
  const recording = await Recording.start(rig.b, directory.path, flags);
  const links = heldLinks(recording.process.pid);
  deepEqual(links.map((link) => link.type).sort(), ["tcx", "xdp"]);
  ok(await xdpProgram(rig.b) !== null);
  await flood(rig, 1_000, 22);
  const ended = await recording.stop("SIGKILL");
  equal(ended.signal, "SIGKILL");
  await untilNothingAttached(rig.b, links);
  equal(Deno.readTextFileSync(recording.output), "an older file");
});

Deno.test("record without any flag records the default route's interface", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  await rig.b.check(["ip", "route", "add", "default", "via", rig.a.ipv4]);
  const process = rig.b.start(inspector("record"), { cwd: directory.path });
  const line = await process.until(
    "the recording line",
    60_000,
    ({ stderr }) => stderr.split("\n").slice(0, -1).find((it) => it.startsWith("recording ")),
  );
  ok(line.includes(rig.b.interface) && line.includes('"traffic.parquet"'), line);
  await flood(rig, 10, 22);
  process.signal("SIGINT");
  equal((await process.end(60_000)).code, 0);
  deepEqual(directory.list(), ["traffic.parquet"]);
});

Deno.test("record ends by itself after --duration", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const recording = await Recording.start(rig.b, directory.path, ["--json", "-d", "0.5s"]);
  const { duration_seconds } = reportOf(await recording.process.end(60_000));
  // A machine that has much to do is late.
  ok(duration_seconds >= 0.5 && duration_seconds < 5, `${duration_seconds}`);
  equal(await footerRowCount(recording.output), 0);
});

Deno.test("record takes only the direction that -Q names", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  const directions = { in: ["ingress"], out: ["egress"], inout: ["egress", "ingress"] };
  for (const [flag, expected] of Object.entries(directions)) {
    using directory = TempDirectory.create();
    const recording = await Recording.start(rig.b, directory.path, ["--json", "-Q", flag]);
    await ping(rig, 2, ["ipv4"]);
    await recording.stopWithReport();
    const rows = await query(
      recording.output,
      "SELECT DISTINCT direction FROM packets ORDER BY direction",
    );
    deepEqual(rows.map((row) => row.direction), expected);
  }
});

Deno.test("record gives the file to the user who called sudo", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const env = { SUDO_UID: "12345", SUDO_GID: "23456" };
  const recording = await Recording.start(rig.b, directory.path, [], { env });
  equal((await recording.stop()).code, 0);
  const { uid, gid } = Deno.statSync(recording.output);
  deepEqual([uid, gid], [12345, 23456]);
});

Deno.test("record --quiet prints nothing when nothing was lost", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const recording = await Recording.start(rig.b, directory.path, ["-q"]);
  const ended = await recording.stop();
  deepEqual([ended.code, ended.stdout, ended.stderr], [0, "", ""]);
});

Deno.test("record replaces an existing file only when the new one is complete", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  Deno.writeTextFileSync(directory.file("traffic.parquet"), "an older file");
  const recording = await Recording.start(rig.b, directory.path, ["--force"]);
  equal(Deno.readTextFileSync(recording.output), "an older file");
  equal((await recording.stop()).code, 0);
  equal(await footerRowCount(recording.output), 0);
});

Deno.test("record passes traffic on unchanged while it records", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const ready = directory.file("server");
  const server = rig.b.start(trafficPeer("serve", ready, rig.b.ipv4));
  await server.until("the server", 60_000, () => exists(ready));
  const recording = await Recording.start(rig.b, directory.path, ["--json"]);
  // Throws unless every answer has the bytes that were asked for.
  await rig.a.check(trafficPeer("request", "10", rig.b.ipv4));
  ok((await recording.stopWithReport()).packets_captured > 0);
});
