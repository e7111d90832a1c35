/**
 * What a recording says about itself that was made of a packet file. That says neither when its recorder
 * began and ended nor, in most cases, what it lost: then it is not said here either.
 *
 * @module
 */
import type { Attachment } from "../../contract/attachment.ts";
import { SCHEMA_VERSION } from "../../contract/columns.ts";
import { FILE_METADATA_KEY } from "../../contract/file_metadata.ts";
import { VERSION } from "../../core/version.ts";
import type { PacketOutput } from "./packet_output.ts";

/** What is known at the end of a file. */
export interface PacketFileFacts {
  /** `pcap` or `pcapng`. */
  readonly format: string;
  readonly attachments: readonly Attachment[];
  readonly output: Pick<PacketOutput, "packets" | "bytes">;
  /** Packets that were lost where it was made; null if it does not say. */
  readonly dropped: number | null;
}

/** Metadata by key. */
export function packetFileMetadata(facts: PacketFileFacts): Record<string, string> {
  const { format, attachments, output, dropped } = facts;
  const counted = attachments.map(({ attachment, interface: name, direction }) => ({
    slot: attachment,
    interface: name,
    direction,
    hook: "file",
    mode: format,
    counters: counters(output.packets[attachment]!, output.bytes[attachment]!, null),
  }));
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
  const total = counters(sum(output.packets), sum(output.bytes), dropped);
  return {
    [FILE_METADATA_KEY.schemaVersion]: String(SCHEMA_VERSION),
    [FILE_METADATA_KEY.toolVersion]: VERSION,
    [FILE_METADATA_KEY.sampleRate]: "1",
    [FILE_METADATA_KEY.filter]: "",
    [FILE_METADATA_KEY.attachments]: JSON.stringify(counted),
    [FILE_METADATA_KEY.counters]: JSON.stringify(total),
  };
}

/** As `PacketCounts`, as far as it is known. */
function counters(captured: number, bytes: number, dropped: number | null) {
  return {
    packets_seen: dropped === null ? null : captured + dropped,
    packets_captured: captured,
    packets_dropped: dropped,
    drops: dropped === null ? {} : { at_capture: dropped },
    bytes_captured: bytes,
  };
}
