/** What the manual page says of frames that go around the queueing layer: TC does not see them. */
import { equal } from "node:assert/strict";
import { join } from "node:path";
import { Recording } from "../support/inspector_cli.ts";
import { readInterfaceCounters } from "../support/interface_counters.ts";
import { NetnsPair } from "../support/netns.ts";
import { ipv4 } from "../support/frames/ipv4.ts";
import { ethernet } from "../support/frames/link.ts";
import { octets } from "../support/frames/octets.ts";
import { udp } from "../support/frames/transport.ts";
import { footerRowCount } from "../support/parquet_rows.ts";
import { TempDirectory } from "../support/temp_directory.ts";

const SENDER = join(import.meta.dirname!, "..", "support", "bypass_sender.ts");
const FRAMES = 20;
const FRAME = ethernet(0x0800, ipv4({ protocol: 17 }, udp(octets(1, 2, 3)))).toHex();

for (const [way, seen] of [["queue", FRAMES], ["bypass", 0]] as const) {
  Deno.test(`record sees ${seen} of ${FRAMES} frames that go out by way of "${way}"`, async () => {
    await using rig = await NetnsPair.create({ ipv6: false });
    using directory = TempDirectory.create();
    const recording = await Recording.start(rig.a, directory.path, ["-Q", "out"]);
    const index = await rig.a.check(["cat", `/sys/class/net/${rig.a.interface}/ifindex`]);
    const before = await readInterfaceCounters(rig.b);
    await rig.a.check([
      Deno.execPath(),
      ...["run", "-A", "--no-lock", "--no-config", SENDER],
      ...[way, index.trim(), String(FRAMES), FRAME],
    ]);
    // They were on the link.
    equal((await readInterfaceCounters(rig.b)).ingress.packets - before.ingress.packets, FRAMES);
    const { code, stderr } = await recording.stop();
    equal(code, 0, stderr);
    equal(await footerRowCount(recording.output), seen);
  });
}
