/**
 * The rows of the open segment: every column of the schema, text as dictionary codes.
 *
 * @module
 */
import { BATCH_ROWS, type ColumnBatch } from "../../batch/column_batch.ts";
import type { Attachment } from "../../contract/attachment.ts";
import { EVENT_FLAG } from "../../contract/record_layout.ts";
import { type ColumnName, COLUMNS } from "../../contract/columns.ts";
import { AddressDictionary, MacDictionary, type TextDictionary } from "./address_dictionary.ts";
import { AttachmentDictionary, AttachmentPresence } from "./attachment_dictionary.ts";
import { MAX_KEYS } from "./key_table.ts";
import { ProtocolDictionary } from "./protocol_dictionary.ts";
import { type ColumnFiller, isUniform, StagedColumn } from "./staged_column.ts";

/** Columns of the batch that the codes of a text column come from. */
const TEXT_INPUTS = {
  direction: ["attachment"],
  interface: ["attachment"],
  source_mac: ["present", "macs"],
  destination_mac: ["present", "macs"],
  source_ip: ["present", "flags", "sourceAddress"],
  destination_ip: ["present", "flags", "destinationAddress"],
  protocol: ["present", "flags", "ipProtocol", "ethertype"],
} as const satisfies Partial<Record<ColumnName, readonly (keyof ColumnBatch)[]>>;

/** Fillers of all columns that are not text. */
const FILLERS: Readonly<Record<Exclude<ColumnName, keyof typeof TEXT_INPUTS>, ColumnFiller>> = {
  timestamp: copied("timestamp"),
  packet_length: copied("packetLength"),
  segments: copied("segments"),
  ethertype: copied("ethertype"),
  vlan_id: copied("vlanId"),
  ip_version: fromFlag(EVENT_FLAG.IPV6, 6, 4),
  ip_protocol: copied("ipProtocol"),
  source_port: copied("sourcePort"),
  destination_port: copied("destinationPort"),
  ttl: copied("ttl"),
  dscp: copied("dscp"),
  ecn: copied("ecn"),
  is_fragment: fromFlag(EVENT_FLAG.FRAGMENT, 1, 0),
  tcp_flags: copied("tcpFlags"),
  tcp_sequence: copied("tcpSequence"),
  tcp_acknowledgment: copied("tcpAcknowledgment"),
  tcp_window: copied("tcpWindow"),
  icmp_type: copied("icmpType"),
  icmp_code: copied("icmpCode"),
  payload_length: copied("payloadLength"),
};

/** Rows waiting to be written as one Parquet segment. */
export class StagingTable {
  /** Rows that fit. */
  readonly capacity: number;
  /** In the order of the schema. */
  readonly columns: readonly StagedColumn[];
  /** `present` of every row, with the bits of `ROW_PRESENT`. */
  readonly present: Uint16Array<ArrayBuffer>;
  readonly #presence: AttachmentPresence;
  readonly #dictionaries: readonly TextDictionary[];
  readonly #addresses: readonly TextDictionary[];
  #rows = 0;

  /**
   * @param capacity rows; about 85 bytes of memory each
   * @param attachments meaning of the attachment numbers
   */
  constructor(capacity: number, attachments: readonly Attachment[]) {
    this.capacity = capacity;
    this.present = new Uint16Array(capacity);
    this.#presence = new AttachmentPresence(attachments);
    const dictionaries: Readonly<Record<keyof typeof TEXT_INPUTS, TextDictionary>> = {
      direction: new AttachmentDictionary(attachments, "direction"),
      interface: new AttachmentDictionary(attachments, "interface"),
      source_mac: new MacDictionary("source"),
      destination_mac: new MacDictionary("destination"),
      source_ip: new AddressDictionary("sourceAddress"),
      destination_ip: new AddressDictionary("destinationAddress"),
      protocol: new ProtocolDictionary(),
    };
    this.#dictionaries = Object.values(dictionaries);
    const { source_mac, destination_mac, source_ip, destination_ip } = dictionaries;
    this.#addresses = [source_mac, destination_mac, source_ip, destination_ip];
    this.columns = COLUMNS.map(({ name, type, presence }) => {
      const isText = name in TEXT_INPUTS;
      const dictionary = isText ? dictionaries[name as keyof typeof TEXT_INPUTS] : null;
      const filler = dictionary
        ? encoded(dictionary, TEXT_INPUTS[name as keyof typeof TEXT_INPUTS])
        : FILLERS[name as keyof typeof FILLERS];
      return new StagedColumn({ name, type, presence, dictionary, filler }, capacity);
    });
  }

  /** Rows staged so far. */
  get rows(): number {
    return this.#rows;
  }

  /** Addresses that were new in a column, MAC and IP, source and destination. */
  get newAddresses(): number {
    return this.#addresses.reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * How many of `rows` more rows can be appended. 0 when the segment has to be closed first: it is
   * full, or its dictionaries might outgrow their limit, were every row to bring new values. A flood
   * of distinct addresses thus makes segments smaller (never under 49,151 rows), not slower.
   */
  room(rows: number): number {
    const free = Math.min(rows, this.capacity - this.#rows, BATCH_ROWS);
    return this.#dictionaries.every(({ size }) => size + free <= MAX_KEYS) ? free : 0;
  }

  /**
   * Copies rows of a batch.
   *
   * @param rows at most what {@linkcode StagingTable.room} says
   */
  append(batch: ColumnBatch, first: number, rows: number): void {
    if (rows === 0) return;
    this.#presence.add(batch, first, rows, this.present, this.#rows);
    const known = new Map<keyof ColumnBatch, boolean>();
    const isRun = (input: keyof ColumnBatch): boolean => {
      let answer = known.get(input);
      if (answer === undefined) {
        answer = isUniform(batch[input], first, rows, elementsOf(batch[input]));
        known.set(input, answer);
      }
      return answer;
    };
    for (const column of this.columns) {
      column.append(batch, first, rows, column.inputs.every(isRun));
    }
    this.#rows += rows;
  }

  /** Forgets rows and dictionaries, keeps the memory. */
  clear(): void {
    this.#rows = 0;
    for (const column of this.columns) column.clear();
  }
}

/** Elements of one row in a column of a batch. */
function elementsOf(column: ColumnBatch[keyof ColumnBatch]): number {
  return column.length / BATCH_ROWS;
}

/** A column that is copied as it is. */
function copied(input: keyof ColumnBatch): ColumnFiller {
  return {
    inputs: [input],
    fill(batch, first, rows, values, offset) {
      const column = batch[input];
      const width = elementsOf(column);
      values.set(column.subarray(width * first, width * (first + rows)), width * offset);
    },
  };
}

/** A column of codes. */
function encoded(dictionary: TextDictionary, inputs: ColumnFiller["inputs"]): ColumnFiller {
  return {
    inputs,
    fill(batch, first, rows, values, offset) {
      dictionary.encode(batch, first, rows, values as Uint16Array, offset);
    },
  };
}

/** A column with one of two values, by a bit of the record's flags. */
function fromFlag(flag: number, set: number, clear: number): ColumnFiller {
  // Looked up, because a branch that is hard to predict costs three times as much.
  const byFlags = Uint8Array.from({ length: 256 }, (_, flags) => flags & flag ? set : clear);
  return {
    inputs: ["flags"],
    fill({ flags }, first, rows, values, offset) {
      for (let index = 0; index < rows; index++) {
        values[offset + index] = byFlags[flags[first + index]!]!;
      }
    },
  };
}
