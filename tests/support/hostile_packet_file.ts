/**
 * One damaged packet file and what is read of it.
 *
 * @module
 */
import { strict as assert } from "node:assert";
import { mutatedPacketFile } from "./packet_file_mutator.ts";
import { Prng } from "./prng.ts";
import { readPacketFile } from "./read_packet_file.ts";

/** A gzip of the mutator's files is no longer than this. */
const MAX_PACKETS = 100_000;

export type Outcome = "whole" | "partial" | "refused";

/**
 * Reads the packet file of a seed.
 *
 * @throws {Error} reading failed by a defect
 */
export async function readMutated(seed: number): Promise<Outcome> {
  const file = mutatedPacketFile(seed);
  const prng = new Prng(seed);
  try {
    const { packets, findings, attachments } = await readPacketFile(file, 1 + prng.below(5000));
    assert.ok(packets.length <= MAX_PACKETS);
    assert.ok(attachments.length <= 256);
    for (const { text } of findings) assert.match(text, /"x\.pcap"/);
    return findings.some(({ isFault }) => isFault) ? "partial" : "whole";
  } catch (error) {
    assert.ok(error instanceof Error && error.name === "RunError", String(error));
    assert.match(error.message, /^Cannot read "x\.pcap": /);
    return "refused";
  }
}
