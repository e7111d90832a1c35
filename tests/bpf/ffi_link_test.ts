/**
 * Attaching by BPF links, on a veth pair in network namespaces of its own.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CONFIG_BYTES, CONFIG_OFFSET, COUNTERS_BYTES } from "../../src/contract/record_layout.ts";
import { check, run } from "../support/child_process.ts";
import { waitFor } from "../support/deadline.ts";
import { NetnsPair } from "../support/netns.ts";

/** What a script below has at hand. */
const PRELUDE = `
  import { BpfLink, BpfObject, interfaceIndex, queryXdp } from ${
  JSON.stringify(new URL("../../ffi/mod.ts", import.meta.url).href)
};
  const elf = Deno.readFileSync(new URL(${
  JSON.stringify(new URL("../../bpf/inspector.bpf.o", import.meta.url).href)
}));
  const config = new Uint8Array(${CONFIG_BYTES});
  config[${CONFIG_OFFSET.wakeup_interval}] = 1;
  const load = (program) =>
    BpfObject.load(elf, { program, config, maxEntries: { ring: 4096, senders: 1 } });
  const index = interfaceIndex(Deno.args[0]);
  const caught = (action) => {
    try {
      action();
      return "no error";
    } catch (error) {
      return \`\${error.name} \${error.code ?? error.message}\`;
    }
  };
`;

/** Runs `script` in the namespace of the first end and gives what it put into \`report\`. */
async function report(rig: NetnsPair, script: string): Promise<unknown> {
  const output = await rig.a.check(command(`${script}\nconsole.log(JSON.stringify(report));`, rig));
  return JSON.parse(output);
}

function command(script: string, rig: NetnsPair): string[] {
  const url = "data:application/javascript," + encodeURIComponent(PRELUDE + script);
  return [Deno.execPath(), "run", "-A", "--no-lock", url, rig.a.interface];
}

Deno.test("BpfLink.attachXdp() attaches in the chosen mode until it is closed", async () => {
  await using rig = await NetnsPair.create();
  const modes = await report(
    rig,
    `
    const report = [queryXdp(index).mode];
    using object = load("inspect_xdp");
    for (const mode of ["native", "generic"]) {
      const link = BpfLink.attachXdp(object.programFd, index, mode);
      const attached = queryXdp(index);
      report.push(attached.mode, attached.programId === object.programId);
      link[Symbol.dispose]();
      report.push(queryXdp(index).mode);
    }
    `,
  );
  assert.deepEqual(modes, ["none", "native", true, "none", "generic", true, "none"]);
});

Deno.test("BpfLink.isAttached() is false once the interface has gone or it is closed", async () => {
  await using rig = await NetnsPair.create();
  const attached = await report(
    rig,
    `
    using xdp = load("inspect_xdp");
    using tc = load("inspect_tc_egress");
    using first = BpfLink.attachXdp(xdp.programFd, index, "native");
    using second = BpfLink.attachTcx(tc.programFd, index, "egress");
    using closed = BpfLink.attachTcx(tc.programFd, interfaceIndex("lo"), "egress");
    const states = () => [first, second, closed].map((link) => link.isAttached());
    const report = [states()];
    closed[Symbol.dispose]();
    new Deno.Command("ip", { args: ["link", "del", Deno.args[0]] }).outputSync();
    report.push(states());
    `,
  );
  assert.deepEqual(attached, [[true, true, true], [false, false, false]]);
});

Deno.test("BpfLink may be closed twice and throws when it is used after that", async () => {
  await using rig = await NetnsPair.create();
  const errors = await report(
    rig,
    `
    using object = load("inspect_xdp");
    const link = BpfLink.attachXdp(object.programFd, index, "native");
    const report = [link.fd > 2];
    link[Symbol.dispose]();
    link[Symbol.dispose]();
    report.push(caught(() => link.fd));
    `,
  );
  assert.deepEqual(errors, [true, "TypeError Cannot use BpfLink: it is closed"]);
});

Deno.test("BpfLink.attachXdp() throws with the reason of the kernel", async () => {
  await using rig = await NetnsPair.create();
  const errors = await report(
    rig,
    `
    using object = load("inspect_xdp");
    using link = BpfLink.attachXdp(object.programFd, index, "native");
    const attach = (where, mode) => caught(() => BpfLink.attachXdp(object.programFd, where, mode));
    const report = [
      attach(index, "native"),
      attach(index, "generic"),
      attach(interfaceIndex("lo"), "native"),
      attach(99_999, "native"),
    ];
    `,
  );
  assert.deepEqual(errors, [
    "SystemError EBUSY",
    "SystemError EEXIST",
    "SystemError EOPNOTSUPP",
    "SystemError ENODEV",
  ]);
});

Deno.test("BpfLink.attachTcx() attaches in both directions until it is closed", async () => {
  await using rig = await NetnsPair.create();
  const counts = await report(
    rig,
    `
    const { readCounters } = await import(${
      JSON.stringify(new URL("../../ffi/mod.ts", import.meta.url).href)
    });
    using inward = load("inspect_tc_ingress");
    using outward = load("inspect_tc_egress");
    const seen = (object) => Number(readCounters(object.mapFd("counters"), ${COUNTERS_BYTES})[0]);
    const ping = () => new Deno.Command("ping", {
      args: ["-c", "3", "-i", "0.01", "-W", "1", "${rig.b.ipv4}"], stdout: "null",
    }).outputSync().code;
    const links = [
      BpfLink.attachTcx(inward.programFd, index, "ingress"),
      BpfLink.attachTcx(outward.programFd, index, "egress"),
    ];
    const report = [ping()];
    const during = [seen(inward), seen(outward)];
    report.push(during[0] >= 3, during[1] >= 3);
    for (const link of links) link[Symbol.dispose]();
    const closed = [seen(inward), seen(outward)];
    ping();
    report.push(seen(inward) - closed[0], seen(outward) - closed[1]);
    report.push(caught(() => BpfLink.attachTcx(inward.programFd, 99_999, "ingress")));
    `,
  );
  assert.deepEqual(counts, [0, true, true, 0, 0, "SystemError ENODEV"]);
});

Deno.test("BpfLink leaves nothing attached when the process is killed", async () => {
  await using rig = await NetnsPair.create();
  const process = rig.a.start(command(
    `
    const xdp = load("inspect_xdp");
    const tc = load("inspect_tc_egress");
    globalThis.kept = [
      BpfLink.attachXdp(xdp.programFd, index, "native"),
      BpfLink.attachTcx(tc.programFd, index, "egress"),
    ];
    console.log(xdp.programId, tc.programId);
    setInterval(() => {}, 1000);
    `,
    rig,
  ));
  const ids = await process.until(
    "both programs attached",
    30_000,
    ({ stdout }) => /^(\d+) (\d+)\n/.exec(stdout)?.slice(1),
  );
  for (const id of ids) await check(["bpftool", "prog", "show", "id", id]);
  process.signal("SIGKILL");
  await process.end();
  for (const id of ids) {
    // The kernel frees a program a moment after its last reference, on a worker of its own.
    await waitFor(
      `program ${id} to go`,
      20_000,
      async () => (await run(["bpftool", "prog", "show", "id", id])).code !== 0,
    );
  }
  assert.doesNotMatch(await rig.a.check(["ip", "link", "show", rig.a.interface]), /xdp/);
});
