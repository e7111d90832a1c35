/**
 * Packets out of a capture file of another program, as rows.
 *
 * @module
 */
import { BATCH_ROWS, type ColumnBatch } from "../../batch/column_batch.ts";
import { decodeRecords, type RecordViews, recordViews } from "../../batch/decode.ts";
import type { Attachment } from "../../contract/attachment.ts";
import {
  compressionOf,
  MAGIC_BYTES,
  type PacketFormat,
  packetFormat,
} from "../../contract/packet_magic.ts";
import { RunError } from "../../core/errors.ts";
import type { ForeignBytes, ForeignFinding, ForeignRows } from "../foreign_rows.ts";
import { ByteWindow } from "./byte_window.ts";
import { Attachments } from "./capture_point.ts";
import { decompress } from "./compression.ts";
import { Damage, DAMAGED_HINT } from "./damage.ts";
import { packetFileFindings } from "./packet_file_findings.ts";
import { packetFileMetadata } from "./packet_file_metadata.ts";
import { PacketOutput } from "./packet_output.ts";
import { PacketParser } from "./packet_parser.ts";
import type { PacketFileEnd, PacketReader, PacketReaderParts } from "./packet_reader.ts";
import { PcapReader } from "./pcap_reader.ts";
import { PcapngReader } from "./pcapng_reader.ts";
import { CompressionError, type Pieces, PieceSource } from "./pieces.ts";

/** Bytes of the file that are looked at: a packet with its options always has room. */
const WINDOW_BYTES = 2 ** 20;

/** Times of packet files are those of the wall clock already. */
const NO_OFFSET = { low: 0, high: 0 };

/** Reads a file from its beginning to its end, or to where it is damaged. */
export class PacketRows implements ForeignRows {
  readonly #label: string;
  readonly #format: PacketFormat;
  readonly #reader: PacketReader;
  readonly #parser: PacketParser;
  readonly #window: ByteWindow;
  readonly #output: PacketOutput;
  readonly #attachments: Attachments;
  readonly #views: RecordViews;
  #damage: Damage | null = null;
  #isOver = false;
  #end: PacketFileEnd | null = null;
  /** Records that are parsed and not taken: from this one on, how many there are. */
  #next = 0;
  #parsed = 0;

  private constructor(
    label: string,
    format: PacketFormat,
    parser: PacketParser,
    window: ByteWindow,
  ) {
    this.#label = label;
    this.#format = format;
    this.#parser = parser;
    this.#window = window;
    this.#views = recordViews(parser.records);
    this.#output = new PacketOutput(parser);
    this.#attachments = new Attachments();
    const parts: PacketReaderParts = {
      window,
      output: this.#output,
      attachments: this.#attachments,
      label,
    };
    this.#reader = format === "pcap" ? new PcapReader(parts) : new PcapngReader(parts);
  }

  /**
   * Looks at how the file begins.
   *
   * @throws {RunError} it is none
   */
  static async open(bytes: ForeignBytes): Promise<PacketRows> {
    const parser = new PacketParser(WINDOW_BYTES);
    const pieces = await decompressed(bytes);
    const source = new PieceSource(pieces);
    const window = new ByteWindow(source, parser.window);
    try {
      await window.fill(MAGIC_BYTES);
    } catch (cause) {
      if (!(cause instanceof CompressionError)) throw cause;
      throw new RunError(`Cannot read "${bytes.label}": ${cause.message}`, {
        hint: DAMAGED_HINT,
        cause,
      });
    }
    const format = packetFormat(window.bytes.subarray(0, window.end));
    if (format === null) {
      throw new RunError(
        `Cannot read "${bytes.label}": what is compressed in it is no packet file`,
        {
          hint: "Decompress it, and name what is inside",
        },
      );
    }
    return new PacketRows(bytes.label, format, parser, window);
  }

  get attachments(): readonly Attachment[] {
    return this.#attachments.list;
  }

  async fill(batch: ColumnBatch): Promise<number> {
    for (let rows = 0;;) {
      const taken = Math.min(this.#parsed - this.#next, BATCH_ROWS - rows);
      if (taken > 0) {
        const offsets = this.#parser.offsets.subarray(this.#next);
        decodeRecords(this.#views, offsets, taken, batch, rows, NO_OFFSET);
        this.#next += taken;
        rows += taken;
      }
      if (rows === BATCH_ROWS || this.#isOver) return rows;
      this.#isOver = !await this.#readMore();
      this.#parsed = this.#parser.parse();
      this.#next = 0;
    }
  }

  /** Whether there are more; what was added is to be parsed either way. */
  async #readMore(): Promise<boolean> {
    try {
      return await this.#reader.fill();
    } catch (error) {
      if (error instanceof Damage) this.#damage = error;
      else if (error instanceof CompressionError) {
        this.#damage = new Damage(this.#window.position + this.#window.length, error.message);
      } else throw error;
      return false;
    }
  }

  findings(): readonly ForeignFinding[] {
    return packetFileFindings({
      ...this.#finish(),
      label: this.#label,
      damage: this.#damage,
      packets: this.#output.packets.reduce((sum, count) => sum + count, 0),
      beyondTime: this.#parser.beyondTime,
      attachments: this.#attachments,
    });
  }

  metadata(): Readonly<Record<string, string>> {
    return packetFileMetadata({
      format: this.#format,
      attachments: this.#attachments.list,
      output: this.#output,
      dropped: this.#finish().dropped,
    });
  }

  #finish(): PacketFileEnd {
    return this.#end ??= this.#reader.finish();
  }

  /** The bytes are their owner's, the rest is memory. */
  [Symbol.dispose](): void {}
}

/** What an input holds, behind its compression. */
async function decompressed(bytes: ForeignBytes): Promise<Pieces> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let length = 0; length < MAGIC_BYTES;) {
    const part = await bytes.next();
    if (part === null) break;
    parts.push(part);
    length += part.length;
  }
  const head = Uint8Array.from(parts.flatMap((part) => [...part.subarray(0, MAGIC_BYTES)]));
  const whole: Pieces = {
    next: () => {
      const part = parts.shift();
      return part === undefined ? bytes.lend() : Promise.resolve(part);
    },
  };
  const compression = compressionOf(head);
  return compression === null ? whole : decompress(whole, compression);
}
