/**
 * Real packets above 64 KiB ("BIG TCP"), whose IPv6 length field is 0, at both hooks of the receiver.
 */
import { equal, ok } from "node:assert/strict";
import { Recording } from "../support/inspector_cli.ts";
import { NetnsPair } from "../support/netns.ts";
import { readRows, type Row } from "../support/parquet_rows.ts";
import { TempDirectory } from "../support/temp_directory.ts";

/** What a packet may have, above what the length field can say; Linux 5.19. */
const PACKET_BYTES = 150_000;
const TRAFFIC_BYTES = 100_000_000;
const START_LIMIT_MS = 60_000;

/** A packet of at least this length has more behind its IPv6 header than the field can say. */
const BIG_BYTES = 14 + 40 + 0x1_0000;

/**
 * Ethernet, IPv6, TCP with the timestamp option; between them, while kernels send it, a hop-by-hop header
 * with the length (ip6_xmit() in net/ipv6/ip6_output.c).
 */
const HEADER_BYTES = [14 + 40 + 32, 14 + 40 + 8 + 32];

for (const mode of ["generic", "tc"]) {
  Deno.test(`record --mode ${mode} has the ports and the payload of packets above 64 KiB`, async () => {
    await using rig = await NetnsPair.create({ offloads: true });
    using directory = TempDirectory.create();
    for (const end of [rig.a, rig.b]) {
      const sizes = ["gso_max_size", String(PACKET_BYTES), "gro_max_size", String(PACKET_BYTES)];
      await end.check(["ip", "link", "set", end.interface, ...sizes]);
    }
    const args = ["--json", "-Q", "in", "--mode", mode];
    const recording = await Recording.start(rig.b, directory.path, args);
    const server = rig.b.start(["iperf3", "--server", "--one-off", "--forceflush"]);
    await server.until(
      "iperf3 to listen",
      START_LIMIT_MS,
      (it) => it.stdout.includes("Server listening"),
    );
    const client = ["iperf3", "--client", rig.b.ipv6, "--bytes", String(TRAFFIC_BYTES)];
    await rig.a.check([...client, "--length", "1M"]);
    await recording.stopWithReport();

    const rows = await readRows(recording.output);
    const big = rows.filter((row) => (row.packet_length as number) >= BIG_BYTES);
    ok(big.length > 0, `${rows.length} packets, none above 64 KiB`);
    for (const row of big) checkRow(row);
  });
}

function checkRow(row: Row): void {
  equal(row.protocol, "TCP");
  equal(row.destination_port, 5201);
  ok(row.source_port !== null && row.tcp_sequence !== null && row.tcp_flags !== null);
  const headers = (row.packet_length as number) - (row.payload_length as number);
  ok(HEADER_BYTES.includes(headers), `${headers} bytes of headers`);
}
