/**
 * A capture session attaches all of its programs or none, also while the process goes on.
 *
 * @module
 */
import assert from "node:assert/strict";
import { NetnsPair } from "../support/netns.ts";

const url = (path: string) => JSON.stringify(new URL(`../../${path}`, import.meta.url).href);

/** Attaches to the interface, then to one that does not exist; prints what is attached after that. */
const SCRIPT = `
  import { interfaceIndex, listFilters, queryTcx, queryXdp } from ${url("ffi/mod.ts")};
  import { CaptureSession } from ${url("src/sources/capture_session.ts")};
  const ifindex = interfaceIndex(Deno.args[0]);
  const points = [ifindex, 99_999].flatMap((ifindex) =>
    ["ingress", "egress"].map((direction) => ({ interface: "veth", ifindex, direction })));
  const elf = Deno.readFileSync(new URL(${url("bpf/inspector.bpf.o")}));
  using session = CaptureSession.load(elf, {
    points, mode: Deno.args[1], ringBytes: 65536, captureLimit: 0, sampleRate: 1,
    senderStatistics: false,
  });
  let message = "no error";
  try {
    session.attach();
  } catch (error) {
    message = error.message;
  }
  const tc = ["ingress", "egress"].flatMap((direction) =>
    [...(queryTcx(ifindex, direction) ?? []), ...listFilters(ifindex, direction)]);
  console.log(JSON.stringify([message, queryXdp(ifindex).programId, tc]));
`;

for (const mode of ["auto", "native", "generic", "tc"]) {
  for (const forced of ["0", "1"]) {
    const hook = forced === "1" ? "clsact" : "TCX";
    Deno.test(`CaptureSession.attach() undoes what it did in mode ${mode} with ${hook}`, async () => {
      await using rig = await NetnsPair.create({ ipv6: false });
      const output = await rig.a.check([
        ...[Deno.execPath(), "run", "-A", "--no-lock"],
        ...["data:application/javascript," + encodeURIComponent(SCRIPT), rig.a.interface, mode],
      ], { env: { XDP_INSPECTOR_FORCE_CLSACT: forced } });
      assert.deepEqual(JSON.parse(output), [
        'Cannot attach to "veth": the interface has disappeared',
        0,
        [],
      ]);
    });
  }
}
