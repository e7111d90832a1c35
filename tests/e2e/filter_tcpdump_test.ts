/**
 * Filters made up at random, against libpcap's own: on frames of which both see the same headers, both
 * select the same. What the others are stands in the manual page.
 */
import assert from "node:assert/strict";
import fc from "fast-check";

import { DuckDBInstance } from "@duckdb/node-api";
import { parseFilter } from "../../src/filter/parser.ts";
import { filterSql } from "../../src/filter/sql.ts";
import { ALL_ROWS } from "../bpf/rows/all_rows.ts";
import { ExpressionMaker } from "../support/filter_expressions.ts";
import { type FilterPacket, filterPacket, packetTable } from "../support/filter_packets.ts";
import { goodFrame } from "../support/frame_arbitraries.ts";
import { pcapFile } from "../support/pcap.ts";
import { Prng } from "../support/prng.ts";
import { TempDirectory } from "../support/temp_directory.ts";

const FACTOR = Number(Deno.env.get("XDP_INSPECTOR_CONFORMANCE_FACTOR") ?? 1);
const SEED = Number(Deno.env.get("XDP_INSPECTOR_CONFORMANCE_SEED") ?? 0x7c9d_0401);
const FILTERS = 120 * FACTOR;

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const NO_EXTENSION = [6, 17, 58, 132];

/** libpcap finds headers where they are without tags, extension headers and wrapping, and all there. */
function seesSame({ frame, ethertype, vlan, ip, ports, tcp, icmp }: FilterPacket): boolean {
  const written = frame[12]! << 8 | frame[13]!;
  if (vlan !== null || ethertype !== written) return false;
  if (written !== IPV4 && written !== IPV6) return ip === null;
  if (ip === null || ip.isFragment) return false;
  if (ip.version === 6 && (frame[20] !== ip.protocol || !NO_EXTENSION.includes(ip.protocol))) {
    return false;
  }
  if (ip.protocol === 6) return tcp !== null;
  if (ip.protocol === 17 || ip.protocol === 132) return ports !== null;
  return ip.protocol !== 1 && ip.protocol !== 58 || icmp !== null;
}

/** It looks for layer 4 by an offset behind IPv4 only: pcap-filter(7), "BUGS". */
const BEHIND_IPV4_ONLY = /\b(tcp|udp|sctp)\[/;

/** Numbers of the packets in a pcap file that libpcap selects. */
async function selectedByLibpcap(path: string, text: string): Promise<number[]> {
  const { code, stdout, stderr } = await new Deno.Command("tcpdump", {
    args: ["-r", path, "-w", "-", "-Z", "root", "--time-stamp-precision=nano", text],
  }).output();
  const said = new TextDecoder().decode(stderr);
  if (/expression rejects all packets/.test(said)) return [];
  assert.equal(code, 0, `${text}: ${said}`);
  const view = new DataView(stdout.buffer, stdout.byteOffset, stdout.length);
  const numbers: number[] = [];
  for (let at = 24; at < stdout.length; at += 16 + view.getUint32(at + 8, true)) {
    numbers.push(view.getUint32(at + 4, true) / 1000);
  }
  return numbers;
}

Deno.test(`filterSql() and libpcap select the same with ${FILTERS} filters made up at random`, async () => {
  const place = { direction: "ingress", interface: "eth0" } as const;
  const frames = [
    ...ALL_ROWS.map(({ frame }) => frame),
    ...fc.sample(goodFrame(), { numRuns: 1_500, seed: SEED }),
  ].filter(({ length }) => 14 <= length && length < 2_000);
  const packets = frames.map((frame) => filterPacket(frame, place)).filter(seesSame);
  const ipv4 = packets.map(({ ip }) => ip?.version !== 6);
  assert.ok(packets.length > 300, `${packets.length} packets`);
  using directory = TempDirectory.create();
  const path = directory.file("frames.pcap");
  Deno.writeFileSync(path, pcapFile(packets.map(({ frame }) => frame)));
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    await connection.run(packetTable(packets));
    const maker = new ExpressionMaker(new Prng(SEED), packets);
    let selecting = 0;
    for (let count = 0; count < FILTERS;) {
      const { text, isTcpdump } = maker.expression();
      if (!isTcpdump) continue;
      count++;
      const reader = await connection.runAndReadAll(
        `SELECT number FROM packets WHERE ${filterSql(parseFilter(text))} ORDER BY number`,
      );
      const isSame = (number: number) => ipv4[number]! || !BEHIND_IPV4_ONLY.test(text);
      const ours = reader.getRows().map(([number]) => Number(number)).filter(isSame);
      const theirs = (await selectedByLibpcap(path, text)).filter(isSame);
      if (0 < ours.length && ours.length < packets.length) selecting++;
      const differing = packets[
        ours.find((one) => !theirs.includes(one)) ??
          theirs.find((one) => !ours.includes(one)) ?? 0
      ]!;
      assert.deepEqual(ours, theirs, `seed ${SEED}, ${text}: ${differing.frame.toHex()}`);
    }
    assert.ok(selecting > FILTERS / 2, `${selecting} filters select some packets and not others`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
});
