/**
 * A filter as a function over the columns of a batch, for what is chosen while packets pass.
 *
 * @module
 */
import type { ColumnBatch } from "../batch/column_batch.ts";
import { EVENT_FLAG, PRESENT } from "../contract/record_layout.ts";
import { compute, holds } from "./arithmetic.ts";
import { type Place, simplified } from "./ebpf/place.ts";
import { columnFacts } from "./ebpf/record_fields.ts";
import type { Condition, NumberColumn, Side, Test, Value } from "./tree.ts";

/** Whether a row matches. */
export type Predicate = (batch: ColumnBatch, row: number) => boolean;

/** A value of a row; {@linkcode MISSING} if the packet lacks a column. */
type Reader = (batch: ColumnBatch, row: number) => number;

/** No number without sign. */
const MISSING = -1;

const MAC_BYTES = 6;

const ALWAYS: Predicate = () => true;
const NEVER: Predicate = () => false;

/**
 * The filter, for the rows of each attachment: `predicates[attachment](batch, row)`.
 *
 * @param places of the attachments, by their number
 */
export function predicates(condition: Condition, places: readonly Place[]): Predicate[] {
  return places.map((place) => predicate(simplified(condition, place)));
}

function predicate(condition: Condition): Predicate {
  switch (condition.kind) {
    case "not": {
      const of = predicate(condition.of);
      return (batch, row) => !of(batch, row);
    }
    case "all": {
      const parts = condition.of.map(predicate);
      if (parts.length === 0) return ALWAYS;
      return (batch, row) => {
        for (const part of parts) if (!part(batch, row)) return false;
        return true;
      };
    }
    case "any": {
      const parts = condition.of.map(predicate);
      if (parts.length === 0) return NEVER;
      return (batch, row) => {
        for (const part of parts) if (part(batch, row)) return true;
        return false;
      };
    }
    default:
      return testPredicate(condition);
  }
}

function testPredicate(test: Test): Predicate {
  switch (test.kind) {
    case "relation": {
      const { operator } = test;
      const left = reader(test.left);
      const right = reader(test.right);
      return (batch, row) => {
        const a = left(batch, row);
        if (a === MISSING) return false;
        const b = right(batch, row);
        return b !== MISSING && holds(operator, a, b);
      };
    }
    case "address":
      return addressPredicate(test);
    case "mac": {
      const readers = test.bytes.map((_, offset) => macByte(test.side, offset));
      return (batch, row) => {
        if (!(batch.present[row]! & PRESENT.MAC)) return false;
        for (let index = 0; index < MAC_BYTES; index++) {
          if (readers[index]!(batch, row) !== test.bytes[index]) return false;
        }
        return true;
      };
    }
    case "tagged":
      return (batch, row) => (batch.present[row]! & PRESENT.VLAN) !== 0;
    case "fragment":
      return (batch, row) => (batch.flags[row]! & EVENT_FLAG.FRAGMENT) !== 0;
    case "direction":
    case "interface":
      throw new Error(`Cannot test "${test.kind}" of a packet: its place is not known`);
  }
}

function addressPredicate(
  { side, bytes, bits }: Extract<Test, { readonly kind: "address" }>,
): Predicate {
  const wantsV6 = bytes.length === 16;
  const words: number[] = [];
  const masks: number[] = [];
  // As they lie in memory: the first byte is the low one.
  for (let first = 0; first < bytes.length; first += 4) {
    let word = 0;
    let mask = 0;
    for (let byte = 0; byte < 4; byte++) {
      const kept = Math.min(8, Math.max(0, bits - 8 * (first + byte)));
      const byteMask = 0xff00 >> kept & 0xff;
      word |= (bytes[first + byte]! & byteMask) << 8 * byte;
      mask |= byteMask << 8 * byte;
    }
    words.push(word);
    masks.push(mask);
  }
  return (batch, row) => {
    if (!(batch.present[row]! & PRESENT.IP)) return false;
    if (((batch.flags[row]! & EVENT_FLAG.IPV6) !== 0) !== wantsV6) return false;
    const addresses = side === "source" ? batch.sourceAddress : batch.destinationAddress;
    for (let index = 0; index < words.length; index++) {
      if ((addresses[4 * row + index]! & masks[index]!) !== words[index]) return false;
    }
    return true;
  };
}

function reader(value: Value): Reader {
  switch (value.kind) {
    case "constant": {
      const { value: number } = value;
      return () => number;
    }
    case "column":
      return columnReader(value.column);
    case "bytes":
      return bytesReader(value);
    case "computed": {
      const { operator } = value;
      const left = reader(value.left);
      const right = reader(value.right);
      return (batch, row) => {
        const a = left(batch, row);
        const b = right(batch, row);
        return a === MISSING || b === MISSING ? MISSING : compute(operator, a, b);
      };
    }
  }
}

function columnReader(column: NumberColumn): Reader {
  const needed = columnFacts(column) & 0xffff;
  const read = COLUMN_READERS[column];
  return (batch, row) => (batch.present[row]! & needed) === needed ? read(batch, row) : MISSING;
}

const COLUMN_READERS: Readonly<Record<NumberColumn, Reader>> = {
  packet_length: (batch, row) => batch.packetLength[row]!,
  ethertype: (batch, row) => batch.ethertype[row]!,
  vlan_id: (batch, row) => batch.vlanId[row]!,
  ip_version: (batch, row) => batch.flags[row]! & EVENT_FLAG.IPV6 ? 6 : 4,
  ip_protocol: (batch, row) => batch.ipProtocol[row]!,
  source_port: (batch, row) => batch.sourcePort[row]!,
  destination_port: (batch, row) => batch.destinationPort[row]!,
  ttl: (batch, row) => batch.ttl[row]!,
  dscp: (batch, row) => batch.dscp[row]!,
  traffic_class: (batch, row) => batch.dscp[row]! << 2 | batch.ecn[row]!,
  tcp_flags: (batch, row) => batch.tcpFlags[row]!,
  tcp_sequence: (batch, row) => batch.tcpSequence[row]!,
  tcp_acknowledgment: (batch, row) => batch.tcpAcknowledgment[row]!,
  tcp_window: (batch, row) => batch.tcpWindow[row]!,
  icmp_type: (batch, row) => batch.icmpType[row]!,
  icmp_code: (batch, row) => batch.icmpCode[row]!,
};

function bytesReader(
  { address, side, offset, size }: Extract<Value, { readonly kind: "bytes" }>,
): Reader {
  const byte = address === "mac" ? macByte : ipByte;
  const readers = Array.from({ length: size }, (_, index) => byte(side, offset + index));
  const needed = address === "mac" ? PRESENT.MAC : PRESENT.IP;
  return (batch, row) => {
    if (!(batch.present[row]! & needed)) return MISSING;
    if (address !== "mac") {
      const isV6 = (batch.flags[row]! & EVENT_FLAG.IPV6) !== 0;
      if (isV6 !== (address === "ipv6")) return MISSING;
    }
    let number = 0;
    for (const read of readers) number = (number << 8 | read(batch, row)) >>> 0;
    return number;
  };
}

/** Byte `offset` of an address. */
function ipByte(side: Side, offset: number): Reader {
  const word = offset >> 2;
  const shift = 8 * (offset & 3);
  return side === "source"
    ? (batch, row) => batch.sourceAddress[4 * row + word]! >>> shift & 0xff
    : (batch, row) => batch.destinationAddress[4 * row + word]! >>> shift & 0xff;
}

/** As {@linkcode ipByte}: the destination stands first, as in a frame. */
function macByte(side: Side, offset: number): Reader {
  const at = (side === "source" ? MAC_BYTES : 0) + offset;
  const word = at >> 2;
  const shift = 8 * (at & 3);
  return (batch, row) => batch.macs[3 * row + word]! >>> shift & 0xff;
}
