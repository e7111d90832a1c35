/** The `check` command on real interfaces, and what `record` says where `check` fails. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { ProcessOptions, ProcessResult } from "../support/child_process.ts";
import { run } from "../support/child_process.ts";
import { asNobody, inspector, runInspector } from "../support/inspector_cli.ts";
import { type NetnsEnd, NetnsPair, untilLinkIs } from "../support/netns.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { attachForeignXdp, untilNothingAttached, xdpProgram } from "../support/xdp_state.ts";

interface Finding {
  readonly check: string;
  readonly interface: string | null;
  readonly status: "ok" | "warn" | "fail";
  readonly message: string;
  readonly fix: string | null;
}

/** Root of a user namespace of its own, with all capabilities there, as in a rootless container. */
const ROOTLESS = ["unshare", "--user", "--map-root-user", "--net"];

function findings(result: ProcessResult): Map<string, Finding> {
  equal(result.stderr, "");
  const list: Finding[] = JSON.parse(result.stdout);
  return new Map(list.map((one) => [one.check, one]));
}

function statuses(found: ReadonlyMap<string, Finding>): Record<string, string> {
  return Object.fromEntries([...found].map(([check, { status }]) => [check, status]));
}

async function check(end: NetnsEnd, args: readonly string[], options: ProcessOptions = {}) {
  const result = await end.run(inspector("check", "--json", ...args), options);
  return { code: result.code, found: findings(result) };
}

const MACHINE = [
  ...[
    "cap_bpf",
    "cap_perfmon",
    "cap_net_admin",
    "open_files",
    "kernel",
    "btf",
    "libbpf",
    "ring_buffer",
  ],
  ...["xdp_program", "tc_ingress_program", "tc_egress_program", "xdp_link", "tcx", "duckdb"],
  "output",
  "leftovers",
  "memory",
];
const INTERFACE = [
  ...["interface", "native_xdp", "ingress_hook", "xdp_hook", "egress_hook"],
  ...["lro", "gro", "rx_vlan", "tso_gso"],
];

Deno.test("check finds that root can record, changes nothing and leaves nothing", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const before = await rig.b.check(["ip", "-details", "link"]);
  const { code, found } = await check(rig.b, ["-i", rig.b.interface], { cwd: directory.path });
  equal(code, 0, JSON.stringify([...found.values()], null, 1));
  deepEqual([...found.keys()], [...MACHINE, ...INTERFACE]);
  for (const [name, status] of Object.entries(statuses(found))) equal(status, "ok", name);
  equal(found.get("interface")?.interface, rig.b.interface);
  equal(found.get("interface")?.message, "up, MTU 1500, driver veth");
  equal(found.get("gro")?.message, "off");
  equal(
    found.get("ingress_hook")?.message,
    "record takes TC: native XDP would switch off TSO and GSO at the other end",
  );

  equal(await rig.b.check(["ip", "-details", "link"]), before);
  await untilNothingAttached(rig.b);
  deepEqual(directory.list(), []);
});

Deno.test("check tells people on lines that begin with the status", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const argv = inspector("check", "-i", rig.b.interface);
  const { code, stdout, stderr } = await rig.b.run(argv, { cwd: directory.path });
  deepEqual([code, stderr], [0, ""]);
  match(stdout, /^ok {4}cap_bpf +CAP_BPF is there$/m);
  match(stdout, /^ok {4}veth-b interface +up, MTU 1500, driver veth$/m);
  match(stdout, /\n\nrecording works, \d+ warnings?\n$/);
});

Deno.test("check tells people what to do on the line below a warning or a failure", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const ask = (name: string) => rig.b.run(inspector("check", "-i", name), { cwd: directory.path });
  await rig.a.check(["ip", "link", "set", rig.a.interface, "down"]);
  await untilLinkIs(rig.b, rig.b.interface, "not up");
  const warned = await ask(rig.b.interface);
  equal(warned.code, 0);
  match(
    warned.stdout,
    /^warn {2}veth-b interface +up, but its state is ".*\n {8}See what it is connected to$/m,
  );
  match(warned.stdout, /\n\nrecording works, [1-9]\d* warnings?\n$/);

  await rig.b.check(["ip", "link", "set", rig.b.interface, "down"]);
  const failed = await ask(rig.b.interface);
  equal(failed.code, 3);
  match(
    failed.stdout,
    /^fail {2}veth-b interface +Cannot record on "veth-b": the interface is down\n {8}\S/m,
  );
  match(failed.stdout, /\n\nrecording does not work: 1 failure, \d+ warnings?\n$/);
});

Deno.test("check sees the offloads that are on", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const ask = async () =>
    (await check(rig.b, ["-i", rig.b.interface], { cwd: directory.path })).found;
  const set = (...features: string[]) =>
    rig.b.check(["ethtool", "-K", rig.b.interface, ...features]);
  await set("rxvlan", "on", "gro", "on", "tx", "on", "gso", "on");
  const on = await ask();
  match(on.get("gro")?.message ?? "", /^on: /);
  match(on.get("tso_gso")?.message ?? "", /^on: /);
  await set("rxvlan", "off", "gro", "off", "tx", "off", "gso", "off", "tso", "off");
  const off = await ask();
  deepEqual(["gro", "tso_gso"].map((name) => off.get(name)?.message), ["off", "off"]);
  // On a veth that feature changes nothing: there is nothing to advise.
  for (const { message, fix } of [on, off].map((found) => found.get("rx_vlan")!)) {
    match(message, /^TC sees VLAN tags; XDP only /);
    equal(fix, null);
  }
});

Deno.test("check fails for an XDP hook that is taken, and leaves that program alone", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  using elsewhere = TempDirectory.create();
  const programId = await attachForeignXdp(rig.b, elsewhere);
  const { code, found } = await check(rig.b, ["-i", rig.b.interface], { cwd: directory.path });
  equal(code, 3);
  equal(found.get("xdp_hook")?.status, "fail");
  ok(found.get("xdp_hook")?.message.includes(`program id ${programId}`));
  equal(found.get("xdp_link")?.status, "ok");
  equal(await xdpProgram(rig.b), programId);
});

Deno.test("check fails for an interface that is not there, that is down, and without default route", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const options = { cwd: directory.path };
  const ask = async (...args: string[]) => {
    const { code, found } = await check(rig.b, args, options);
    return [code, found.get("interface")?.interface, found.get("interface")?.message];
  };
  deepEqual(await ask("-i", "veth-x"), [
    3,
    "veth-x",
    'Cannot record on "veth-x": no such interface here',
  ]);
  deepEqual(await ask(), [3, null, "Cannot choose an interface: there is no default route"]);
  await rig.b.check(["ip", "link", "set", rig.b.interface, "down"]);
  deepEqual(await ask("-i", "veth-b"), [
    3,
    "veth-b",
    'Cannot record on "veth-b": the interface is down',
  ]);
});

Deno.test("check warns of an interface without native XDP", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const { code, found } = await check(rig.b, ["-i", "lo"], { cwd: directory.path });
  equal(code, 0);
  equal(found.get("native_xdp")?.status, "warn");
});

Deno.test("check tries the filter of kernels without TCX where record would use it", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const env = { XDP_INSPECTOR_FORCE_CLSACT: "1" };
  const options = { cwd: directory.path, env };
  const { code, found } = await check(rig.b, ["-i", rig.b.interface], options);
  equal(code, 0);
  equal(found.get("tcx")?.status, "warn");
  ok(!(await rig.b.check(["tc", "qdisc", "show"])).includes("clsact"));
});

Deno.test("check fails where there is no libbpf, and says what could not be tried", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const env = { XDP_INSPECTOR_LIBBPF: "/nonexistent/libbpf.so.1" };
  const options = { cwd: directory.path, env };
  const { code, found } = await check(rig.b, ["-i", rig.b.interface], options);
  equal(code, 3);
  equal(found.get("libbpf")?.status, "fail");
  match(found.get("libbpf")?.fix ?? "", /XDP_INSPECTOR_LIBBPF/);
  equal(found.get("xdp_program")?.message, "not tried: libbpf is needed");
});

Deno.test("check fails where the output cannot be written", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  const { code, found } = await check(rig.b, ["-i", rig.b.interface, "-o", "/proc/x.parquet"]);
  equal(code, 3);
  equal(found.get("output")?.status, "fail");
});

Deno.test("check tells nobody which capabilities are missing", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  Deno.chmodSync(directory.path, 0o777);
  const argv = asNobody(inspector("check", "--json", "-i", rig.b.interface));
  const result = await rig.b.run(argv, { cwd: directory.path });
  equal(result.code, 3);
  const found = findings(result);
  for (const name of ["cap_bpf", "cap_perfmon", "cap_net_admin"]) {
    equal(found.get(name)?.status, "fail");
    match(found.get(name)?.fix ?? "", /sudo/);
  }
  equal(found.get("ring_buffer")?.status, "warn");
  match(found.get("ring_buffer")?.message ?? "", /^not tried: CAP_BPF, /);
  equal(found.get("native_xdp")?.status, "ok");
  ok(!directory.list().some((name) => name.includes("parquet")), directory.list().join());
});

Deno.test("check needs no more than the capabilities of record", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const capabilities = "-all,+bpf,+perfmon,+net_admin,+dac_override";
  const limited = ["setpriv", `--inh-caps=${capabilities}`, `--bounding-set=${capabilities}`];
  const argv = [...limited, ...inspector("check", "--json", "-i", rig.b.interface)];
  const result = await rig.b.run(argv, { cwd: directory.path });
  equal(result.code, 0, result.stdout);
  const found = findings(result);
  match(found.get("xdp_link")?.message ?? "", /not tried: .*CAP_SYS_ADMIN$/);
  equal(found.get("tcx")?.status, "ok");
});

Deno.test("check and record say why a rootless container cannot record", async () => {
  using directory = TempDirectory.create();
  const options = { cwd: directory.path };
  const checked = await run([...ROOTLESS, ...inspector("check", "--json", "-i", "lo")], options);
  equal(checked.code, 3);
  const found = findings(checked);
  equal(found.get("cap_bpf")?.status, "fail");
  match(found.get("ring_buffer")?.message ?? "", /permission denied \(EPERM\)$/);

  const script = 'ip link set lo up && exec "$@"';
  const argv = [...ROOTLESS, "sh", "-c", script, "sh", ...inspector("record", "-i", "lo")];
  const recorded = await run(argv, options);
  equal(recorded.code, 3, recorded.stderr);
  match(recorded.stderr, /permission denied \(EPERM\)\n {2}This root is one of a user namespace, /);
  deepEqual(directory.list(), []);
});

Deno.test("record tells a root without capabilities that this looks like a container", async () => {
  using directory = TempDirectory.create();
  const none = ["setpriv", "--inh-caps=-all", "--bounding-set=-all,+dac_override"];
  const argv = [...none, ...inspector("record", "-i", "lo")];
  const result = await run(argv, { cwd: directory.path });
  equal(result.code, 3);
  match(result.stderr, /CAP_BPF.* missing\n {2}This root lacks capabilities, as in a container: /);
});

Deno.test("record says when nothing came and what to check", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const argv = inspector("record", "-i", rig.b.interface, "-d", "200ms", "-Q", "in");
  const { code, stderr } = await rig.b.run(argv, { cwd: directory.path });
  equal(code, 0);
  match(stderr, /^no packet passed "veth-b"; to check:$/m);
  match(stderr, /^ {2}the other direction, with "--direction inout"/m);
  deepEqual(directory.list(), ["traffic.parquet"]);
});

Deno.test("the manual page is one that groff has nothing to say against", async () => {
  using directory = TempDirectory.create();
  const page = directory.file("xdp-inspector.1");
  const printed = await runInspector(["man"]);
  equal(printed.code, 0);
  Deno.writeTextFileSync(page, printed.stdout);
  const { code, stdout, stderr } = await run(["groff", "-man", "-ww", "-Tascii", "-P-cbou", page]);
  deepEqual([code, stderr], [0, ""]);
  match(stdout, /^ +-i, --interface <name>$/m);
  match(stdout, /^EXIT STATUS$/m);
});
