/**
 * The rows of the open segment: every column of the schema as one array, text as dictionary codes.
 *
 * @module
 */
import { BATCH_ROWS, type ColumnBatch } from "../batch/column_batch.ts";
import type { Attachment } from "../event/attachment.ts";
import { EVENT_FLAG } from "../event/layout.ts";
import { type ColumnName, COLUMNS, type ColumnType } from "../event/schema.ts";
import { AddressDictionary, MacDictionary, type TextDictionary } from "./address_dictionary.ts";
import { AttachmentDictionary } from "./attachment_dictionary.ts";
import { MAX_KEYS } from "./key_table.ts";
import { ProtocolDictionary } from "./protocol_dictionary.ts";

type Values = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** One column of the staged rows. The arrays are the table's: valid until the next `append`. */
export interface StagedColumn {
  readonly name: ColumnName;
  readonly type: ColumnType;
  /** Bit of `present` that says the value is there; 0 = in every row. */
  readonly presence: number;
  /** Values in the column's DuckDB representation, or the codes of a text column. */
  readonly values: Values;
  /** Bytes of one row in `values`. */
  readonly rowBytes: number;
  /** Distinct values of a text column; null for any other one. */
  readonly dictionary: TextDictionary | null;
}

/** Elements of the numeric columns that are copied as they are. A timestamp is two words. */
const COPIED: Readonly<Partial<Record<ColumnName, keyof ColumnBatch>>> = {
  timestamp: "timestamp",
  packet_length: "packetLength",
  segments: "segments",
  ethertype: "ethertype",
  vlan_id: "vlanId",
  ip_protocol: "ipProtocol",
  source_port: "sourcePort",
  destination_port: "destinationPort",
  ttl: "ttl",
  dscp: "dscp",
  ecn: "ecn",
  tcp_flags: "tcpFlags",
  tcp_sequence: "tcpSequence",
  tcp_acknowledgment: "tcpAcknowledgment",
  tcp_window: "tcpWindow",
  icmp_type: "icmpType",
  icmp_code: "icmpCode",
  payload_length: "payloadLength",
};

const TIMESTAMP_WORDS = 2;

/** Rows waiting to be written as one Parquet segment. */
export class StagingTable {
  /** Rows that fit. */
  readonly capacity: number;
  /** In the order of the schema. */
  readonly columns: readonly StagedColumn[];
  /** `present` of every row. */
  readonly present: Uint16Array<ArrayBuffer>;
  readonly #dictionaries: readonly TextDictionary[];
  #rows = 0;

  /**
   * @param capacity rows; about 85 bytes of memory each
   * @param attachments meaning of the slots
   */
  constructor(capacity: number, attachments: readonly Attachment[]) {
    this.capacity = capacity;
    this.present = new Uint16Array(capacity);
    const dictionaries: Partial<Record<ColumnName, TextDictionary>> = {
      direction: new AttachmentDictionary(attachments, "direction"),
      interface: new AttachmentDictionary(attachments, "interface"),
      source_mac: new MacDictionary("source"),
      destination_mac: new MacDictionary("destination"),
      source_ip: new AddressDictionary("sourceAddress"),
      destination_ip: new AddressDictionary("destinationAddress"),
      protocol: new ProtocolDictionary(),
    };
    this.#dictionaries = Object.values(dictionaries);
    this.columns = COLUMNS.map(({ name, type, presence }) => {
      const values = allocate(type, capacity);
      const rowBytes = values.byteLength / capacity;
      return { name, type, presence, values, rowBytes, dictionary: dictionaries[name] ?? null };
    });
  }

  /** Rows staged so far. */
  get rows(): number {
    return this.#rows;
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
    const offset = this.#rows;
    this.present.set(batch.present.subarray(first, first + rows), offset);
    for (const { name, values, dictionary } of this.columns) {
      const copied = COPIED[name];
      if (dictionary) {
        dictionary.encode(batch, first, rows, values as Uint16Array, offset);
      } else if (copied) {
        const width = name === "timestamp" ? TIMESTAMP_WORDS : 1;
        const source = batch[copied].subarray(width * first, width * (first + rows));
        values.set(source, width * offset);
      } else if (name === "ip_version") {
        fillFromFlag(values, offset, batch.flags, first, rows, EVENT_FLAG.IPV6, 6, 4);
      } else if (name === "is_fragment") {
        fillFromFlag(values, offset, batch.flags, first, rows, EVENT_FLAG.FRAGMENT, 1, 0);
      } else {
        throw new Error(`Cannot fill column "${name}": no source`);
      }
    }
    this.#rows += rows;
  }

  /** Forgets rows and dictionaries, keeps the memory. */
  clear(): void {
    this.#rows = 0;
    for (const dictionary of this.#dictionaries) dictionary.clear();
  }
}

function allocate(type: ColumnType, rows: number): Values {
  switch (type) {
    case "TIMESTAMP_NS":
      return new Uint32Array(TIMESTAMP_WORDS * rows);
    case "UINTEGER":
      return new Uint32Array(rows);
    case "USMALLINT":
    case "VARCHAR": // codes
      return new Uint16Array(rows);
    case "UTINYINT":
    case "BOOLEAN":
      return new Uint8Array(rows);
  }
}

/** Writes one of two values into each row, by a bit of the record's flags. */
function fillFromFlag(
  values: Values,
  offset: number,
  flags: Uint8Array,
  first: number,
  rows: number,
  flag: number,
  set: number,
  clear: number,
): void {
  for (let index = 0; index < rows; index++) {
    values[offset + index] = flags[first + index]! & flag ? set : clear;
  }
}
