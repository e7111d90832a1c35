/**
 * From the values of columns as other formats have them to a column batch: numbers are copied, the text
 * of addresses becomes their bytes. What follows from other columns is not read but checked: a packet
 * has all values of a protocol or none.
 *
 * @module
 */
import type { ColumnBatch } from "../batch/column_batch.ts";
import { ipv4Word, ipv6Words, macBytes } from "../contract/address_words.ts";
import type { Attachment } from "../contract/attachment.ts";
import { type ColumnName, COLUMNS, type ColumnType } from "../contract/columns.ts";
import { LLC_NAME } from "../contract/ethertypes.ts";
import { EVENT_FLAG, PRESENT } from "../contract/record_layout.ts";
import { RunError } from "../core/errors.ts";

/** The values of one column, by row. */
export interface RowValues {
  /** Whether a row has a value. */
  isThere(row: number): boolean;
  /** A number of a row that has one. */
  number(row: number): number;
  boolean(row: number): boolean;
  /** Nanoseconds since 1970 of a row that has a time. */
  time(row: number): bigint;
  /** The texts of some rows, made all at once: that of a row that has none means nothing. */
  texts(first: number, rows: number): (index: number) => string;
}

/** Columns that are the same in both, but for rows without a value. */
const COPIED: Partial<Readonly<Record<ColumnName, keyof ColumnBatch>>> = {
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

/** Numbers of attachments are bytes. */
const MAX_ATTACHMENTS = 256;
const IPV6 = 6;

/** Addresses that are remembered with their bytes; then all are forgotten. */
const MAX_KNOWN = 2 ** 16;

/** Largest value of each type of numbers. */
const LARGEST: Partial<Readonly<Record<ColumnType, number>>> = {
  UINTEGER: 0xffff_ffff,
  USMALLINT: 0xffff,
  UTINYINT: 0xff,
};

/** Fills column batches from rows that come in groups. */
export class RowColumns {
  /** Those that rows had so far. */
  readonly attachments: Attachment[] = [];
  readonly #label: string;
  readonly #numbers = new Map<string, number>();
  readonly #addresses = new Map<string, Uint32Array | null>();
  readonly #macs = new Map<string, Uint8Array | null>();
  #columns: readonly RowValues[] = [];
  /** Rows of the groups before this one. */
  #before = 0;
  #rows = 0;
  #first = 0;

  /** @param label names the input in messages */
  constructor(label: string) {
    this.#label = label;
  }

  /**
   * Goes on with other rows.
   *
   * @param columns in the order of the schema
   */
  begin(columns: readonly RowValues[], rows: number): void {
    this.#before += this.#rows;
    this.#rows = rows;
    this.#columns = columns;
  }

  /**
   * Copies rows into the first rows of a column batch.
   *
   * @throws {RunError} a row is none of a recording
   */
  copy(batch: ColumnBatch, first: number, rows: number): void {
    this.#first = first;
    batch.flags.fill(0, 0, rows);
    this.#presence(batch, rows);
    this.#times(batch, rows);
    for (const [name, target] of Object.entries(COPIED)) {
      this.#copyNumbers(name as ColumnName, batch[target], rows);
    }
    this.#versions(batch, rows);
    this.#protocols(batch, rows);
    this.#views(batch, rows);
    this.#addressWords("source_ip", batch, batch.sourceAddress, rows);
    this.#addressWords("destination_ip", batch, batch.destinationAddress, rows);
    batch.macs.fill(0, 0, 3 * rows);
    const macs = new Uint8Array(batch.macs.buffer, batch.macs.byteOffset, 12 * rows);
    this.#macAddresses("destination_mac", batch, macs, 0, rows);
    this.#macAddresses("source_mac", batch, macs, 6, rows);
  }

  /** All columns of a group have a value, or none has. */
  #presence({ present }: ColumnBatch, rows: number): void {
    present.fill(0, 0, rows);
    let seen = 0;
    COLUMNS.forEach(({ name, presence }, index) => {
      // Whether these are there is told by the attachment.
      if (name === "interface" || name === "direction") return;
      const column = this.#columns[index]!;
      const isFirst = (seen & presence) === 0;
      seen |= presence;
      for (let row = 0; row < rows; row++) {
        const isThere = column.isThere(this.#first + row);
        if (presence === 0) {
          if (!isThere) throw this.#rowError(row, `"${name}" has no value`);
        } else if (isFirst) {
          if (isThere) present[row]! |= presence;
        } else if (isThere !== ((present[row]! & presence) !== 0)) {
          const what = isThere ? "has a value, others of its protocol have none" : "has no value";
          throw this.#rowError(row, `"${name}" ${what}`);
        }
      }
    });
  }

  #times({ timestamp }: ColumnBatch, rows: number): void {
    const column = this.#column("timestamp");
    const target = new BigInt64Array(timestamp.buffer, timestamp.byteOffset, rows);
    for (let row = 0; row < rows; row++) target[row] = column.time(this.#first + row);
  }

  #copyNumbers(name: ColumnName, target: ColumnBatch[keyof ColumnBatch], rows: number): void {
    const column = this.#column(name);
    const largest = LARGEST[COLUMNS.find((one) => one.name === name)!.type]!;
    for (let row = 0; row < rows; row++) {
      const value = column.isThere(this.#first + row) ? column.number(this.#first + row) : 0;
      if (value < 0 || value > largest) throw this.#rowError(row, `"${name}" is ${value}`);
      target[row] = value;
    }
  }

  #versions({ present, flags }: ColumnBatch, rows: number): void {
    const versions = this.#column("ip_version");
    const fragments = this.#column("is_fragment");
    for (let row = 0; row < rows; row++) {
      if (!(present[row]! & PRESENT.IP)) continue;
      const version = versions.number(this.#first + row);
      if (version !== 4 && version !== IPV6) {
        throw this.#rowError(row, `"ip_version" is ${version}`);
      }
      if (version === IPV6) flags[row]! |= EVENT_FLAG.IPV6;
      if (fragments.boolean(this.#first + row)) flags[row]! |= EVENT_FLAG.FRAGMENT;
    }
  }

  /** The name of a protocol is made of its number again. One has none. */
  #protocols({ present, flags }: ColumnBatch, rows: number): void {
    const text = this.#column("protocol").texts(this.#first, rows);
    for (let row = 0; row < rows; row++) {
      const bits = present[row]! & (PRESENT.PROTOCOL | PRESENT.IP | PRESENT.ETHERTYPE);
      if (bits !== PRESENT.PROTOCOL) continue;
      if (text(row) !== LLC_NAME) throw this.#rowError(row, '"protocol" has no number');
      flags[row]! |= EVENT_FLAG.LLC;
    }
  }

  #views({ attachment }: ColumnBatch, rows: number): void {
    const [interfaces, directions] = [this.#column("interface"), this.#column("direction")];
    const nameOf = interfaces.texts(this.#first, rows);
    const directionOf = directions.texts(this.#first, rows);
    for (let row = 0; row < rows; row++) {
      const name = interfaces.isThere(this.#first + row) ? nameOf(row) : null;
      const direction = directions.isThere(this.#first + row) ? directionOf(row) : null;
      const key = `${direction ?? ""}\0${name ?? "\0"}`;
      attachment[row] = this.#numbers.get(key) ?? this.#attach(row, key, name, direction);
    }
  }

  #attach(row: number, key: string, name: string | null, direction: string | null): number {
    if (direction !== null && direction !== "ingress" && direction !== "egress") {
      throw this.#rowError(row, `"direction" is "${direction.slice(0, 40)}"`);
    }
    const attachment = this.attachments.length;
    if (attachment === MAX_ATTACHMENTS) {
      throw new RunError(`Cannot read "${this.#label}": it has more than 128 interfaces`, {
        hint: "Split it by interface first",
      });
    }
    this.attachments.push({ attachment, interface: name, direction });
    this.#numbers.set(key, attachment);
    return attachment;
  }

  #addressWords(name: ColumnName, batch: ColumnBatch, target: Uint32Array, rows: number): void {
    const text = this.#column(name).texts(this.#first, rows);
    const { present, flags } = batch;
    target.fill(0, 0, 4 * rows);
    for (let row = 0; row < rows; row++) {
      if (!(present[row]! & PRESENT.IP)) continue;
      const address = text(row);
      const isV6 = (flags[row]! & EVENT_FLAG.IPV6) !== 0;
      const words = remembered(this.#addresses, address, addressWords);
      if (words === null || (words.length > 1) !== isV6) {
        throw this.#rowError(row, `"${name}" is no address of IPv${isV6 ? 6 : 4}`);
      }
      for (let word = 0; word < words.length; word++) target[4 * row + word] = words[word]!;
    }
  }

  #macAddresses(
    name: ColumnName,
    { present }: ColumnBatch,
    target: Uint8Array,
    offset: number,
    rows: number,
  ): void {
    const text = this.#column(name).texts(this.#first, rows);
    for (let row = 0; row < rows; row++) {
      if (!(present[row]! & PRESENT.MAC)) continue;
      const bytes = remembered(this.#macs, text(row), macBytes);
      if (bytes === null) throw this.#rowError(row, `"${name}" is no MAC address`);
      for (let byte = 0; byte < 6; byte++) target[12 * row + offset + byte] = bytes[byte]!;
    }
  }

  #column(name: ColumnName): RowValues {
    return this.#columns[COLUMNS.findIndex((one) => one.name === name)]!;
  }

  #rowError(row: number, reason: string): RunError {
    return this.#error(`in row ${this.#before + this.#first + row + 1} ${reason}`);
  }

  #error(reason: string): RunError {
    return notOfRecording(this.#label, reason);
  }
}

/** The error for an input with columns or rows that no recording has. */
export function notOfRecording(label: string, reason: string): RunError {
  return new RunError(`Cannot read "${label}": its columns are not a recording's: ${reason}`, {
    hint: "Name a file that `xdp-inspector` has written",
  });
}

/** One word of an IPv4 address, four of an IPv6 address; null = it is neither. */
function addressWords(text: string): Uint32Array | null {
  const word = ipv4Word(text);
  return word === null ? ipv6Words(text) : Uint32Array.of(word);
}

function remembered<T>(known: Map<string, T>, text: string, make: (text: string) => T): T {
  let value = known.get(text);
  if (value === undefined) {
    if (known.size === MAX_KNOWN) known.clear();
    known.set(text, value = make(text));
  }
  return value;
}
