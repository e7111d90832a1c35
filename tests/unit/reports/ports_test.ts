/** Which end of a conversation serves, case by case. */
import assert from "node:assert/strict";
import { askReport } from "../../support/ask_report.ts";
import { type FixturePacket, START_NS } from "../../support/fixture_packets.ts";
import { writeRecording } from "../../support/parquet_fixture.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

const SYN = 2;
const SYN_ACK = 18;
const ACK = 16;

/** `10.0.0.1:80`. */
type End = `${string}:${number}`;

function packet(index: number, from: End, to: End, flags: number | null): FixturePacket {
  const [source_ip, source_port] = from.split(":") as [string, string];
  const [destination_ip, destination_port] = to.split(":") as [string, string];
  return {
    timestamp: START_NS + BigInt(index),
    direction: "ingress",
    interface: "eth0",
    packet_length: 100,
    segments: 1,
    ip_version: 4,
    source_ip,
    destination_ip,
    source_port: Number(source_port),
    destination_port: Number(destination_port),
    protocol: flags === null ? "UDP" : "TCP",
    ip_protocol: flags === null ? 17 : 6,
    is_fragment: false,
    ...(flags === null ? {} : { tcp_flags: flags }),
  };
}

/** Port, clients and servers of the packets, which are sent in this order. */
async function served(packets: readonly (readonly [End, End, number | null])[]) {
  using directory = TempDirectory.create();
  const path = directory.file("a.parquet");
  const rows = packets.map(([from, to, flags], index) => packet(index, from, to, flags));
  await writeRecording(path, rows, {});
  const answer = await askReport(["ports", "--sort", "port/asc"], [path]);
  return answer.map(({ port, client_count, server_count }) => [port, client_count, server_count]);
}

Deno.test("ports takes the end that was sent a SYN for the server, whatever its port", async () => {
  assert.deepEqual(
    await served([["10.0.0.1:80", "10.0.0.2:50000", SYN], ["10.0.0.3:81", "10.0.0.2:50000", SYN]]),
    [[50000, 2, 1]],
  );
  // One side of the capture is enough, and the answer alone too.
  assert.deepEqual(await served([["10.0.0.2:50000", "10.0.0.1:80", SYN_ACK]]), [[50000, 1, 1]]);
  assert.deepEqual(
    await served([["10.0.0.2:50000", "10.0.0.1:80", ACK], ["10.0.0.1:80", "10.0.0.2:50000", SYN]]),
    [[50000, 1, 1]],
  );
});

Deno.test("ports takes the lower port for the server's where no SYN or both ends' was seen", async () => {
  assert.deepEqual(await served([["10.0.0.2:50000", "10.0.0.1:80", ACK]]), [[80, 1, 1]]);
  assert.deepEqual(await served([["10.0.0.1:80", "10.0.0.2:50000", ACK]]), [[80, 1, 1]]);
  assert.deepEqual(await served([["10.0.0.1:53", "10.0.0.2:50000", null]]), [[53, 1, 1]]);
  assert.deepEqual(
    await served([["10.0.0.1:80", "10.0.0.2:50000", SYN], ["10.0.0.2:50000", "10.0.0.1:80", SYN]]),
    [[80, 1, 1]],
  );
});

Deno.test("ports takes the end that was sent the first packet for the server of equal ports", async () => {
  // Between and beside the clients in the order of addresses.
  for (const server of ["10.0.0.1", "10.0.0.5", "224.0.0.251"]) {
    const clients = ["10.0.0.2", "10.0.0.3", "10.0.0.9"];
    const packets = clients.flatMap((client): [End, End, null][] => [
      [`${client}:5353`, `${server}:5353`, null],
      [`${server}:5353`, `${client}:5353`, null],
    ]);
    assert.deepEqual(await served(packets), [[5353, 3, 1]], server);
  }
});
