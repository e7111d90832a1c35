/**
 * Ports and ranges of ports as they are written in a filter.
 *
 * @module
 */
import { suggestion } from "../core/near_names.ts";
import { FilterError, ServiceNameError } from "./filter_error.ts";
import type { Id } from "./qualifiers.ts";
import { SERVICE_NAMES, serviceOf } from "./services.ts";
import { ALL_WORDS } from "./words.ts";

/** Ports from `first` to `last`; `protocol` is the one that a name belongs to, null = any. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
  readonly protocol: number | null;
}

const HIGHEST_PORT = 65_535;

/** One port. @throws {FilterError} If there is none of that name or number. */
export function portNumbers(id: Id): PortRange {
  if (id.kind === "number" && id.bits === null) {
    const port = checkedPort(id.value, id);
    return { first: port, last: port, protocol: null };
  }
  const service = serviceOf(id.text);
  if (service !== undefined) {
    return { first: service.port, last: service.port, protocol: service.protocol };
  }
  if (/^\d+-\d+$/.test(id.text)) {
    const hint = `Write "portrange ${id.text}"`;
    throw new FilterError(`no single port is "${id.text}"`, id.position, hint);
  }
  const hint = suggestion(id.text, [...SERVICE_NAMES, ...ALL_WORDS]) ?? "Write its number";
  throw new ServiceNameError(`no port has the name "${id.text}"`, id.position, hint);
}

/** `8000-8080`; a single port is a range, too. @throws {FilterError} If it is none. */
export function portRange(id: Id): PortRange {
  const [, first, last] = /^(.+?)-(.+)$/.exec(id.text) ?? [];
  if (id.kind === "number" || serviceOf(id.text) !== undefined || first === undefined) {
    return portNumbers(id);
  }
  const [low, high] = [first, last!].map((text) => {
    const value = /^\d+$/.test(text) ? Number(text) : serviceOf(text)?.port;
    if (value !== undefined) return checkedPort(value, { ...id, text });
    const hint = suggestion(text, SERVICE_NAMES) ?? "Write its number";
    throw new ServiceNameError(`no port has the name "${text}"`, id.position, hint);
  }) as [number, number];
  // As libpcap, which turns it around.
  return { first: Math.min(low, high), last: Math.max(low, high), protocol: null };
}

function checkedPort(value: number, { text, position }: Id): number {
  if (value <= HIGHEST_PORT) return value;
  throw new FilterError(`no port has the number "${text}"`, position, "Ports end at 65535");
}
