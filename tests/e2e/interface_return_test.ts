/** Interfaces that come late, go, and come back, on every hook. */
import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { exists, runInspector } from "../support/inspector_cli.ts";
import {
  ended,
  icmpRows,
  LATE,
  LIMIT_MS,
  line,
  makeLate,
  pingLate,
  startRecord,
  told,
} from "../support/late_interface.ts";
import { NetnsPair } from "../support/netns.ts";
import { NotifyListener } from "../support/notify_listener.ts";
import { fileMetadata } from "../support/parquet_rows.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { ping } from "../support/traffic.ts";
import { TunPair } from "../support/tun_pair.ts";
import { untilNothingAttached } from "../support/xdp_state.ts";

const HOOKS = [
  [[], {}, "ingress tcx, egress tcx"],
  [["--mode", "generic"], {}, "ingress xdp/generic, egress tcx"],
  [[], { XDP_INSPECTOR_FORCE_CLSACT: "1" }, "ingress clsact, egress clsact"],
] as const;

for (const [flags, env, hooks] of HOOKS) {
  Deno.test(`record --wait waits for an interface, and attaches again when it is back (${hooks})`, async () => {
    await using rig = await NetnsPair.create({ ipv6: false });
    using directory = TempDirectory.create();
    using listener = new NotifyListener(directory.file("notify"));
    const output = directory.file("a.parquet");
    const service = { NOTIFY_SOCKET: directory.file("notify"), WATCHDOG_USEC: "200000" };
    const args = ["-i", `${rig.b.interface},${LATE}`, "--wait", "-o", output, ...flags];
    const process = startRecord(rig, directory, args, { ...env, ...service });
    // The one that is there is recorded at once; a service has begun, and is alive.
    await line(
      process,
      new RegExp(`^${LATE}: the interface is not there yet, waiting for it$`, "m"),
    );
    await line(process, new RegExp(`^recording .*${LATE} egress \\(not there yet\\)`, "m"));
    await process.until("the service manager to hear twice that it is alive", LIMIT_MS, () => {
      return listener.heard().filter((word) => word === "WATCHDOG=1").length >= 2;
    });
    equal(listener.heard()[0], "READY=1");
    await rig.b.check(["ping", "-n", "-c", "2", "-i", "0.05", rig.a.ipv4]);
    equal(exists(directory.file("ready")), false);

    await makeLate(rig);
    await line(process, new RegExp(`^${LATE}: the interface has come, recording ${hooks}$`, "m"));
    await process.until("the ready file", LIMIT_MS, () => exists(directory.file("ready")));
    await pingLate(rig, 3);
    await rig.b.check(["ip", "link", "del", LATE]);
    const gone =
      `^${LATE}: the interface has disappeared, its \\d+ packets are kept, waiting for it`;
    await line(process, new RegExp(gone, "m"));
    await makeLate(rig);
    await line(process, new RegExp(`^${LATE}: the interface is back after .*: ${hooks}$`, "m"));
    await pingLate(rig, 4);

    const { stderr, report } = await ended(process, "SIGTERM");
    deepEqual(await icmpRows(output), {
      [`${LATE} egress`]: 7,
      [`${LATE} ingress`]: 7,
      [`${rig.b.interface} egress`]: 2,
      [`${rig.b.interface} ingress`]: 2,
    });
    deepEqual([report.packets_dropped, report.packets_seen], [0, report.rows_written]);
    equal(report.packets_captured, report.rows_written);
    const reasons = report.interfaces.map(({ end_reason }) => end_reason);
    deepEqual(reasons, Array(4).fill("stopped"));
    const events = told(report.interface_events).filter((one) => !/ (up|down)\b/.test(one));
    equal(events.length, 3, events.join("\n"));
    deepEqual(events.slice(0, 2), [`${LATE} came ${hooks}`, `${LATE} deleted`]);
    match(events[2]!, new RegExp(`^${LATE} came_back after .*: ${hooks}$`));
    // The time without it is said: at the end, by stats, in the metadata, to SQL.
    const gap = new RegExp(
      `^${LATE} ingress was not recorded from \\S+ \\S+ to \\S+ \\S+ UTC: `,
      "m",
    );
    match(stderr, gap);
    const stats = await runInspector(["stats", "interfaces", "-f", output]);
    match(stats.stdout, gap);
    doesNotMatch(stats.stdout, /capture complete/);
    const written = (await fileMetadata(output)).get("xdp_inspector.interface_events");
    deepEqual(JSON.parse(written!), report.interface_events);
    const sql =
      "SELECT interface, event FROM interface_events WHERE event LIKE 'came%' ORDER BY time";
    const asked = await runInspector(["sql", "-f", output, "--format", "csv", sql]);
    equal(asked.stdout, `interface,event\n${LATE},came\n${LATE},came_back\n`, asked.stderr);
    await untilNothingAttached(rig.b);
    ok(!(await rig.b.check(["tc", "qdisc", "show"])).includes("clsact"));
  });
}

Deno.test("record --wait takes what comes with Ethernet headers or without, whichever it was before", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const output = directory.file("a.parquet");
  // Where nothing is attached yet, the right to make a filter has to be kept for it.
  const env = { XDP_INSPECTOR_FORCE_CLSACT: "1" };
  const process = startRecord(rig, directory, ["-i", "tun-b", "--wait", "-o", output], env);
  await line(process, /^recording tun-b ingress \(not there yet\)/m);
  {
    await using tunnel = await TunPair.create(rig);
    await line(
      process,
      /^tun-b: the interface has come, recording ingress clsact, egress clsact$/m,
    );
    await ping(tunnel, 3, ["ipv4"]);
  }
  await line(process, /^tun-b: the interface has disappeared, /m);
  await makeLate(rig, "tun-b");
  await line(process, /^tun-b: the interface is back after .*: ingress clsact, egress clsact$/m);
  await pingLate(rig, 4, "tun-b");
  await ended(process);
  deepEqual(await icmpRows(output), { "tun-b egress": 7, "tun-b ingress": 7 });
});
