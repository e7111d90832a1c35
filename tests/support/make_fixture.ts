/**
 * Makes the committed Parquet fixtures anew: `deno run -A tests/support/make_fixture.ts`. Then
 * `deno run -A tests/support/update_golden.ts`, and read the difference.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { connectionPackets } from "./connection_packets.ts";
import { hostilePackets, mixedPackets } from "./fixture_packets.ts";
import { metadataOf, writeRecording } from "./parquet_fixture.ts";

/** Names of the fixtures in `tests/testdata`, without `.parquet`. */
export const FIXTURES = ["complete", "lossy", "empty", "hostile", "connections"] as const;
export type FixtureName = (typeof FIXTURES)[number];

/** Path of a committed fixture. */
export function fixturePath(name: FixtureName): string {
  return fileURLToPath(new URL(`../testdata/${name}.parquet`, import.meta.url));
}

if (import.meta.main) {
  const packets = mixedPackets();
  await writeRecording(fixturePath("complete"), packets, metadataOf(packets));
  const others = 5_000_000 - packets.length;
  await writeRecording(
    fixturePath("lossy"),
    packets,
    metadataOf(packets, others, { ring_full: 1234 }),
  );
  await writeRecording(fixturePath("empty"), [], metadataOf([]));
  const hostile = hostilePackets();
  await writeRecording(
    fixturePath("hostile"),
    hostile,
    metadataOf(hostile, 1, { "ring_full\x1b[31m": 1 }),
  );
  const connections = connectionPackets();
  await writeRecording(fixturePath("connections"), connections, metadataOf(connections));
}
