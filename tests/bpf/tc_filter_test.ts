/**
 * Attaching by clsact filters, on a veth pair in network namespaces of its own.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CONFIG_BYTES, CONFIG_OFFSET } from "../../src/contract/record_layout.ts";
import { filters, hasClsact } from "../support/clsact_state.ts";
import { type NetnsEnd, NetnsPair } from "../support/netns.ts";

/** What a script below has at hand. */
const PRELUDE = `
  import { BpfObject, interfaceIndex, removeLeftoverFilters, TcFilter } from ${
  JSON.stringify(new URL("../../ffi/mod.ts", import.meta.url).href)
};
  const elf = Deno.readFileSync(new URL(${
  JSON.stringify(new URL("../../bpf/inspector.bpf.o", import.meta.url).href)
}));
  const NAMES = ["inspect_tc_ingress", "inspect_tc_egress"];
  const config = new Uint8Array(${CONFIG_BYTES});
  config[${CONFIG_OFFSET.wakeup_interval}] = 1;
  const object = BpfObject.load(elf, {
    program: "inspect_tc_egress",
    config,
    maxEntries: { ring: 4096, senders: 1 },
  });
  const index = interfaceIndex(Deno.args[0]);
  const attach = (where = index) => TcFilter.attach(object.programFd, where, "egress");
  const caught = (action) => {
    try {
      action();
      return "no error";
    } catch (error) {
      return \`\${error.name} \${error.code ?? error.message}\`;
    }
  };
`;

function command(script: string, end: NetnsEnd): string[] {
  const url = "data:application/javascript," + encodeURIComponent(PRELUDE + script);
  return [Deno.execPath(), "run", "-A", "--no-lock", url, end.interface];
}

/** Runs `script` in the namespace of `end` and gives what it put into \`report\`. */
async function report(end: NetnsEnd, script: string): Promise<unknown> {
  const output = await end.check(command(`${script}\nconsole.log(JSON.stringify(report));`, end));
  return JSON.parse(output);
}

async function leavesNothing(end: NetnsEnd): Promise<void> {
  assert.deepEqual(await filters(end, "egress"), []);
  assert.equal(await hasClsact(end), false);
}

Deno.test("TcFilter attaches until it is closed, which may be done twice", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  const attached = await report(
    rig.a,
    `
    const filter = attach();
    const report = [filter.isAttached()];
    filter[Symbol.dispose]();
    filter[Symbol.dispose]();
    report.push(filter.isAttached());
    attach()[Symbol.dispose](); // and may be attached again
    `,
  );
  assert.deepEqual(attached, [true, false]);
  await leavesNothing(rig.a);
});

Deno.test("TcFilter.attach() throws with the reason of the kernel", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  const errors = await report(
    rig.a,
    `
    using filter = attach();
    const report = [caught(() => attach()), caught(() => attach(99_999)), filter.isAttached()];
    `,
  );
  assert.deepEqual(errors, ["SystemError EADDRINUSE", "SystemError ENODEV", true]);
  await leavesNothing(rig.a);
});

Deno.test("TcFilter.isAttached() is false when the interface has gone", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  const attached = await report(
    rig.a,
    `
    using filter = attach();
    new Deno.Command("ip", { args: ["link", "del", Deno.args[0]] }).outputSync();
    const report = [filter.isAttached()];
    `,
  );
  assert.deepEqual(attached, [false]);
});

for (const end of ["Deno.exit(7)", "Deno.exit()"]) {
  Deno.test(`TcFilter removes its filter when the process ends by ${end}`, async () => {
    await using rig = await NetnsPair.create({ ipv6: false });
    const result = await rig.a.run(command(`globalThis.kept = attach();\n${end};`, rig.a));
    assert.equal(result.code, end === "Deno.exit()" ? 0 : 7, result.stderr);
    await leavesNothing(rig.a);
  });
}

Deno.test("removeLeftoverFilters() removes what a killed process left, but nothing of a live one", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  const script = "globalThis.kept = attach();\nconsole.log('on');\nsetInterval(() => {}, 1000);";
  const owner = rig.a.start(command(script, rig.a));
  await owner.until("the filter", 30_000, ({ stdout }) => stdout.includes("on"));
  const count = `const report = removeLeftoverFilters(index, NAMES);`;
  assert.equal(await report(rig.a, count), 0);
  const [filter] = await filters(rig.a, "egress");
  assert.match(filter?.name ?? "", /^inspect_tc_egre:\[\d+\]$/);

  owner.signal("SIGKILL");
  await owner.end();
  assert.deepEqual(await filters(rig.a, "egress"), [filter]);
  const others = `const report = removeLeftoverFilters(index, ["inspect_tc_ingress"]);`;
  assert.equal(await report(rig.a, others), 0); // another program's name
  assert.equal(await report(rig.a, count), 1);
  await leavesNothing(rig.a);
});
