/**
 * Makes the committed Parquet fixtures anew: `deno run -A tests/support/make_fixture.ts`. Then
 * `deno run -A tests/support/update_golden.ts`, and read the difference.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { hostilePackets, mixedPackets } from "./fixture_packets.ts";
import { recordingMetadata, writeRecording } from "./parquet_fixture.ts";

/** Names of the fixtures in `tests/testdata`, without `.parquet`. */
export const FIXTURES = ["complete", "lossy", "empty", "hostile"] as const;
export type FixtureName = (typeof FIXTURES)[number];

/** Path of a committed fixture. */
export function fixturePath(name: FixtureName): string {
  return fileURLToPath(new URL(`../testdata/${name}.parquet`, import.meta.url));
}

if (import.meta.main) {
  const packets = mixedPackets();
  await writeRecording(fixturePath("complete"), packets, recordingMetadata(packets.length));
  const drops = { ring_full: 1234 };
  await writeRecording(fixturePath("lossy"), packets, recordingMetadata(5_000_000, drops));
  await writeRecording(fixturePath("empty"), [], recordingMetadata(0));
  await writeRecording(fixturePath("hostile"), hostilePackets(), {
    ...recordingMetadata(5, { "ring_full\x1b[31m": 1 }),
  });
}
