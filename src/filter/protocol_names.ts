/**
 * Protocols above IP as they are named behind `proto`.
 *
 * @module
 */
import { ipProtocolName } from "../contract/ip_protocols.ts";
import { suggestion } from "../core/near_names.ts";
import { FilterError } from "./filter_error.ts";
import type { Id } from "./qualifiers.ts";
import { ALL_WORDS, ipProtocol } from "./words.ts";

/** Names of /etc/protocols that differ from IANA's keyword. */
const OTHER_NAMES: Readonly<Record<string, number>> = {
  "ipv6-icmp": 58,
  ipencap: 4,
  "mobility-header": 135,
  ospf: 89,
  "udp-lite": 136,
  hopopt: 0,
};

let numbers: Map<string, number> | undefined;

/**
 * The number of a protocol.
 *
 * @throws {FilterError} If there is none of that name or number.
 */
export function protocolNumber(id: Id): number {
  if (id.kind === "number" && id.bits === null) {
    if (id.value <= 255) return id.value;
    throw new FilterError(
      `no protocol has the number "${id.text}"`,
      id.position,
      "Numbers end at 255",
    );
  }
  numbers ??= new Map(
    Array.from({ length: 256 }, (_, number) => [ipProtocolName(number).toLowerCase(), number]),
  );
  const name = id.text.toLowerCase();
  const number = ipProtocol(name)?.number ?? numbers.get(name) ??
    (Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : undefined);
  if (number !== undefined) return number;
  const hint = suggestion(id.text, [...new Set([...numbers.keys(), ...ALL_WORDS])]) ??
    'Write its number, as in "proto 47"';
  throw new FilterError(`no protocol has the name "${id.text}"`, id.position, hint);
}
