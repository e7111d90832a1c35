import assert from "node:assert/strict";
import {
  type InterfaceRow,
  renderAutoIngress,
  renderInterfaceJson,
  renderInterfaceTable,
} from "../../../src/render/interface_list.ts";

const PLAIN = { width: null, colour: false };

const ROWS: readonly InterfaceRow[] = [
  {
    index: 1,
    name: "lo",
    alternative_names: [],
    up: true,
    state: "unknown",
    mtu: 65536,
    driver: null,
    native_xdp: false,
    xdp_program: null,
    tcx_programs: [],
    clsact_programs: [],
    auto_ingress: { hook: "tc", reason: "why" },
  },
  {
    index: 12,
    name: "eth0",
    alternative_names: ["wan"],
    up: true,
    state: "down",
    mtu: 1500,
    driver: "virtio_net",
    native_xdp: true,
    xdp_program: { id: 7, mode: "native" },
    tcx_programs: null,
    clsact_programs: [{ id: 9, direction: "egress" }],
    auto_ingress: { hook: null, reason: "another XDP program is attached" },
  },
  {
    index: 13,
    name: "\x1b[2J",
    alternative_names: [],
    up: false,
    state: "unknown",
    mtu: 1500,
    driver: "veth",
    native_xdp: null,
    xdp_program: null,
    tcx_programs: [{ id: 3, direction: "ingress" }, { id: 4, direction: "egress" }],
    clsact_programs: [],
    auto_ingress: { hook: "native", reason: "why" },
  },
];

Deno.test("renderInterfaceTable() shows what is known, and says what is not", async () => {
  assert.equal(
    await renderInterfaceTable(ROWS, PLAIN),
    [
      " #  Name       State    MTU  Driver      Native XDP  XDP program  TC programs",
      " 1  lo         up     65536  -           no          -            -",
      "12  eth0, wan  down    1500  virtio_net  yes         id 7 native  tcx unknown, clsact egress id 9",
      "13  \\x1b[2J    down    1500  veth        unknown     -            tcx ingress id 3, tcx egress id 4",
      "",
    ].join("\n"),
  );
});

Deno.test("renderInterfaceTable() fits a terminal", async () => {
  const table = await renderInterfaceTable(ROWS, { width: 80, colour: false });
  for (const line of table.split("\n")) assert(line.length <= 80, line);
});

Deno.test("renderAutoIngress() says once what holds for several, and shows control characters", () => {
  const more = { ...ROWS[0]!, name: "eth9" };
  assert.equal(
    renderAutoIngress([...ROWS, more]),
    "--mode auto on lo, eth9 takes tc: why\n" +
      "--mode auto on eth0 takes nothing: another XDP program is attached\n" +
      "--mode auto on \\x1b[2J takes native: why\n",
  );
});

Deno.test("renderInterfaceJson() is one array with everything in it", () => {
  assert.deepEqual(JSON.parse(renderInterfaceJson(ROWS)), ROWS);
  assert.equal(renderInterfaceJson([]), "[]\n");
});
