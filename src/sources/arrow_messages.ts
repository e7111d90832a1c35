/**
 * The messages of an Arrow IPC stream, one at a time, so that no more of it is in memory than one
 * record batch, and what is no stream is said in plain words.
 *
 * @module
 */
import { RunError } from "../core/errors.ts";
import { FlatTable } from "./flat_table.ts";
import type { ForeignBytes } from "./foreign_rows.ts";

/** `ARROW1` and padding to 8 bytes, in front of the stream that a file holds. */
const FILE_PREFIX_BYTES = 8;
const FILE_MAGIC = [..."ARROW1"].map((character) => character.charCodeAt(0));

/** In front of the length of a message's metadata. */
const CONTINUATION = 0xffff_ffff;
const PREFIX_BYTES = 8;

/** A schema with the metadata of a recording has a few kilobytes for each hundred attachments. */
const MAX_METADATA_BYTES = 16 * 2 ** 20;
const MAX_BODY_BYTES = 2 ** 30;

/** Fields of `Message` (arrow/format/Message.fbs). */
const MESSAGE = { HEADER_TYPE: 1, HEADER: 2, BODY_LENGTH: 3 } as const;

/** Kinds of messages: `MessageHeader`. */
export const MESSAGE_KIND = { SCHEMA: 1, DICTIONARY: 2, RECORD_BATCH: 3 } as const;

export interface ArrowMessage {
  /** One of {@linkcode MESSAGE_KIND}, or another. */
  readonly kind: number;
  readonly header: FlatTable;
  /** Aligned to 8 bytes. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/**
 * The messages in order. A writer may end the stream without saying so.
 *
 * @throws {RunError} it ends in the middle of a message, or is no stream
 */
export async function* arrowMessages(bytes: ForeignBytes): AsyncGenerator<ArrowMessage> {
  const reader = new ExactReader(bytes);
  const start = await reader.peek(FILE_PREFIX_BYTES);
  if (FILE_MAGIC.every((byte, index) => start[index] === byte)) {
    await reader.read(FILE_PREFIX_BYTES);
  }
  for (;;) {
    const prefix = await reader.peek(PREFIX_BYTES);
    if (prefix.length === 0) return;
    if (prefix.length < PREFIX_BYTES) throw truncated(bytes);
    const view = new DataView(prefix.buffer, prefix.byteOffset, PREFIX_BYTES);
    if (view.getUint32(0, true) !== CONTINUATION) {
      throw damaged(bytes, "a message has no beginning");
    }
    const length = view.getUint32(4, true);
    if (length === 0) return;
    if (length > MAX_METADATA_BYTES) throw damaged(bytes, "the head of a message is too long");
    const head = await reader.read(PREFIX_BYTES + length);
    if (head === null) throw truncated(bytes);
    const { kind, header, bodyBytes } = readHead(bytes, head.subarray(PREFIX_BYTES));
    if (bodyBytes > MAX_BODY_BYTES) {
      throw new RunError(`Cannot read "${bytes.label}": a record batch has more than 1 GiB`, {
        hint: "Write it with smaller record batches",
      });
    }
    const body = await reader.read(bodyBytes);
    if (body === null) throw truncated(bytes);
    if (header !== null) yield { kind, header, body };
  }
}

function readHead(bytes: ForeignBytes, metadata: Uint8Array) {
  try {
    const message = FlatTable.root(metadata);
    return {
      kind: message.int8(MESSAGE.HEADER_TYPE, 0),
      header: message.table(MESSAGE.HEADER),
      bodyBytes: message.size(MESSAGE.BODY_LENGTH),
    };
  } catch (cause) {
    throw damaged(bytes, "a message cannot be understood", cause);
  }
}

/** Joins and cuts what comes into what is asked for. */
class ExactReader {
  readonly #bytes: ForeignBytes;
  #pieces: Uint8Array[] = [];
  #length = 0;

  constructor(bytes: ForeignBytes) {
    this.#bytes = bytes;
  }

  /** The next bytes, which stay the next; fewer at the end. */
  async peek(length: number): Promise<Uint8Array> {
    await this.#collect(length);
    return this.#joined().subarray(0, length);
  }

  /** Takes the next bytes, in memory of their own; null if there are not so many. */
  async read(length: number): Promise<Uint8Array<ArrayBuffer> | null> {
    await this.#collect(length);
    if (this.#length < length) return null;
    const all = this.#joined();
    this.#pieces = [all.subarray(length)];
    this.#length = all.length - length;
    return Uint8Array.from(all.subarray(0, length));
  }

  async #collect(length: number): Promise<void> {
    while (this.#length < length) {
      const piece = await this.#bytes.next();
      if (piece === null) return;
      this.#pieces.push(piece);
      this.#length += piece.length;
    }
  }

  #joined(): Uint8Array {
    if (this.#pieces.length === 1) return this.#pieces[0]!;
    const all = new Uint8Array(this.#length);
    let offset = 0;
    for (const piece of this.#pieces) {
      all.set(piece, offset);
      offset += piece.length;
    }
    this.#pieces = [all];
    return all;
  }
}

function truncated({ label }: ForeignBytes): RunError {
  return new RunError(`Cannot read "${label}": the Arrow stream is truncated`, {
    hint: "Was the recording or the copying interrupted? Record or copy it again",
  });
}

/** The error for bytes that are no Arrow IPC. */
export function damaged(
  { label }: Pick<ForeignBytes, "label">,
  reason: string,
  cause?: unknown,
): RunError {
  return new RunError(`Cannot read "${label}": the Arrow stream is damaged: ${reason}`, {
    hint: "Copy or record it again",
    cause,
  });
}
