/**
 * Bad input: a clear message that names the value, the right exit code, nothing attached, no file
 * damaged.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { check, type ProcessResult } from "../support/child_process.ts";
import { asNobody, inspector, Recording, runInspector } from "../support/inspector_cli.ts";
import { NetnsPair } from "../support/netns.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { ping } from "../support/traffic.ts";
import {
  attachForeignXdp,
  heldLinks,
  untilNothingAttached,
  xdpProgram,
} from "../support/xdp_state.ts";

interface Refusal {
  readonly code: number;
  /** Each is in standard error. */
  readonly says: readonly (string | RegExp)[];
}

function refused(result: ProcessResult, refusal: Refusal): void {
  equal(result.code, refusal.code, result.stderr);
  equal(result.stdout, "");
  match(result.stderr, /^xdp-inspector: [A-Z]/);
  for (const part of refusal.says) {
    if (typeof part === "string") ok(result.stderr.includes(part), `${part}\n${result.stderr}`);
    else match(result.stderr, part);
  }
  ok(!/^\s+at |\.ts:\d+/m.test(result.stderr), `a stack trace:\n${result.stderr}`);
}

/** `record` in side b of a fresh rig, expected to be refused; checks that it changed nothing. */
async function refuses(args: readonly string[], refusal: Refusal): Promise<void> {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  refused(await rig.b.run(inspector("record", ...args), { cwd: directory.path }), refusal);
  deepEqual(directory.list(), []);
  await untilNothingAttached(rig.b);
}

const USAGE: readonly (readonly [args: string[], says: string])[] = [
  [["--duration", ""], '""'],
  [["--duration", "-5s"], '"-5s"'],
  [["--duration", "1m30"], '"1m30"'],
  [["--duration", "soon"], '"soon"'],
  [["--count", "0"], '"0"'],
  [["--count", "1.5"], '"1.5"'],
  [["--buffer", "1000"], '"1000"'],
  [["--buffer", "3MiB"], '"3MiB"'],
  [["--buffer", "lots"], '"lots"'],
  [["--mode", "fast"], '"fast"'],
  [["--direction", "up"], '"up"'],
  [["--no-such-flag"], "--no-such-flag"],
  [["a-word"], "a-word"],
];

for (const [args, says] of USAGE) {
  Deno.test(`record ${args.map((arg) => `"${arg}"`).join(" ")} is refused as usage`, async () => {
    using directory = TempDirectory.create();
    // No rig: were the value taken, the interface would stop it, with another exit code.
    const argv = ["record", "-i", "xi-no-such", ...args];
    refused(await runInspector(argv, { cwd: directory.path }), { code: 2, says: [says] });
    deepEqual(directory.list(), []);
  });
}

Deno.test("an unknown command is refused as usage", async () => {
  refused(await runInspector(["recrod"]), { code: 2, says: ["recrod"] });
});

Deno.test("record offers near names for an unknown interface", async () => {
  await refuses(["-i", "veth-v"], { code: 1, says: ['"veth-v"', '"veth-b"'] });
});

Deno.test("record says that there is no default route and asks for -i", async () => {
  await refuses([], { code: 1, says: ["default route", "-i"] });
});

Deno.test("record refuses an interface that is down and says how to set it up", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  await rig.b.check(["ip", "link", "set", "dev", rig.b.interface, "down"]);
  const argv = inspector("record", "-i", rig.b.interface);
  refused(await rig.b.run(argv, { cwd: directory.path }), {
    code: 1,
    says: [`"${rig.b.interface}"`, /is down/, `ip link set dev ${rig.b.interface} up`],
  });
  deepEqual(directory.list(), []);
});

Deno.test("record finds a missing output directory before it attaches", async () => {
  await refuses(["-i", "veth-b", "-o", "missing/traffic.parquet"], {
    code: 1,
    says: ["missing", /no such|does not exist/i],
  });
});

Deno.test("record finds an output directory that cannot be written before it attaches", async () => {
  // Not even root may create a file there.
  await refuses(["-i", "veth-b", "-o", "/proc/traffic.parquet"], { code: 1, says: ["/proc"] });
});

Deno.test("record refuses an output that is no regular file and leaves it alone", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  await check(["mkfifo", directory.file("traffic.parquet")]);
  const argv = inspector("record", "-i", rig.b.interface);
  refused(await rig.b.run(argv, { cwd: directory.path }), {
    code: 1,
    says: ['"traffic.parquet"', /is a FIFO/],
  });
  deepEqual(directory.list(), ["traffic.parquet"]);
});

Deno.test("record --no-clobber refuses an existing output and leaves it alone", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  Deno.writeTextFileSync(directory.file("traffic.parquet"), "an older file");
  const argv = inspector("record", "-i", rig.b.interface, "--no-clobber");
  refused(await rig.b.run(argv, { cwd: directory.path }), {
    code: 1,
    says: ['"traffic.parquet"', /exists/],
  });
  equal(Deno.readTextFileSync(directory.file("traffic.parquet")), "an older file");
  deepEqual(directory.list(), ["traffic.parquet"]);
});

Deno.test("record without privilege names the capabilities and sudo", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  Deno.chmodSync(directory.path, 0o777);
  const argv = asNobody(inspector("record", "-i", rig.b.interface));
  refused(await rig.b.run(argv, { cwd: directory.path }), {
    code: 3,
    says: ["CAP_BPF", "CAP_NET_ADMIN", "sudo"],
  });
  ok(!directory.list().some((name) => name.endsWith(".parquet")), directory.list().join());
  equal(await xdpProgram(rig.b), null);
});

Deno.test("record without libbpf says what it tried and what to install", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const result = await rig.b.run(inspector("record", "-i", rig.b.interface), {
    cwd: directory.path,
    env: { XDP_INSPECTOR_LIBBPF: "/nonexistent/libbpf.so.1" },
  });
  refused(result, { code: 3, says: ['"/nonexistent/libbpf.so.1"', "XDP_INSPECTOR_LIBBPF"] });
  deepEqual(directory.list(), []);
});

Deno.test("record names another XDP program, changes nothing, and offers another mode", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  using elsewhere = TempDirectory.create();
  const programId = await attachForeignXdp(rig.b, elsewhere);
  for (const mode of ["auto", "native", "generic"]) {
    const argv = inspector("record", "-i", rig.b.interface, "--mode", mode);
    refused(await rig.b.run(argv, { cwd: directory.path }), {
      code: 1,
      says: [`"${rig.b.interface}"`, `${programId}`, "--mode tc"],
    });
    equal(await xdpProgram(rig.b), programId);
    deepEqual(directory.list(), []);
  }
  const recording = await Recording.start(rig.b, directory.path, ["--mode", "tc"]);
  deepEqual(heldLinks(recording.process.pid).map((link) => link.type), ["tcx", "tcx"]);
  equal(await xdpProgram(rig.b), programId);
  equal((await recording.stop()).code, 0);
  equal(await xdpProgram(rig.b), programId);
});

Deno.test("a second record at XDP on the same interface is refused and does not disturb the first", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const first = await Recording.start(rig.b, directory.path, ["--mode", "native"]);
  const programId = await xdpProgram(rig.b);
  for (const mode of ["auto", "native"]) {
    const argv = inspector("record", "-i", rig.b.interface, "--mode", mode, "-o", "second.parquet");
    refused(await rig.b.run(argv, { cwd: directory.path }), {
      code: 1,
      says: [`${programId}`],
    });
  }
  equal(await xdpProgram(rig.b), programId);
  equal((await first.stop()).code, 0);
  ok(!directory.list().includes("second.parquet"));
});

Deno.test("two records at TC on the same interface see every packet each", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using one = TempDirectory.create();
  using other = TempDirectory.create();
  const recordings = [
    await Recording.start(rig.b, one.path, ["--json"]),
    await Recording.start(rig.b, other.path, ["--json"]),
  ];
  await ping(rig, 3, ["ipv4"]);
  for (const recording of recordings) {
    equal((await recording.stopWithReport()).packets_captured, 6);
  }
});
