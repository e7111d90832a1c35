/**
 * The interface of the default route in this network namespace, from procfs.
 *
 * @module
 */
import { join } from "node:path";
import { RunError } from "./errors.ts";
import { lowerFirst } from "./lower_first.ts";
import { systemReason } from "./system_reason.ts";

/** Where procfs is mounted. */
const PROC = "/proc";

/** `RTF_UP` and `RTF_REJECT`, include/uapi/linux/route.h. */
const RTF_UP = 0x1;
const RTF_REJECT = 0x200;
/** More names than these do not fit a message. */
const MAX_LISTED = 12;

/**
 * Names of all interfaces, in the kernel's order.
 *
 * @throws {RunError} If procfs cannot be read.
 */
export function interfaceNames(proc: string = PROC): string[] {
  // Not from /sys/class/net: that shows the namespace sysfs was mounted in, procfs the caller's own.
  const path = join(proc, "net", "dev");
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    throw new RunError(`Cannot list the interfaces from "${path}": ${systemReason(error)}`, {
      cause: error,
    });
  }
  // Two lines of headings, then "  name: counters"; a name holds no ":" (dev_valid_name(), net/core/dev.c).
  return text.split("\n").slice(2).flatMap((line) => {
    const colon = line.indexOf(":");
    return colon < 0 ? [] : [line.slice(0, colon).trim()];
  });
}

/**
 * Name of the interface that the default route leaves by: of IPv4, or of IPv6 where IPv4 has none;
 * among several the one with the lowest metric.
 *
 * @throws {RunError} If there is no default route; the hint names `-i`.
 */
export function defaultRouteInterface(proc: string = PROC): string {
  const found = lowestMetric(ipv4DefaultRoutes(readRoutes(proc, "route"))) ??
    lowestMetric(ipv6DefaultRoutes(readRoutes(proc, "ipv6_route")));
  if (found !== undefined) return found;
  const names = interfaceNames(proc);
  throw new RunError("Cannot choose an interface: there is no default route", {
    hint: `Name one with -i; ${lowerFirst(interfacesHint(names))}`,
  });
}

interface Route {
  readonly interface: string;
  readonly metric: number;
}

/** Lines of /proc/net/route: fib_route_seq_show(), net/ipv4/fib_trie.c. */
function ipv4DefaultRoutes(text: string): Route[] {
  return text.split("\n").slice(1).flatMap((line) => {
    const [name, destination, , flags, , , metric, mask] = line.trim().split(/\s+/);
    if (name === undefined || destination !== "00000000" || mask !== "00000000") return [];
    return isUsable(flags) ? [{ interface: name, metric: Number(metric) }] : [];
  });
}

/** Lines of /proc/net/ipv6_route: ipv6_route_native_seq_show(), net/ipv6/ip6_fib.c. */
function ipv6DefaultRoutes(text: string): Route[] {
  return text.split("\n").flatMap((line) => {
    const [destination, prefix, , , , metric, , , flags, name] = line.trim().split(/\s+/);
    if (name === undefined || prefix !== "00" || !/^0{32}$/.test(destination ?? "")) return [];
    return isUsable(flags) ? [{ interface: name, metric: parseInt(metric ?? "", 16) }] : [];
  });
}

/** Whether a route is in use and leads somewhere; both files write the flags as hexadecimal. */
function isUsable(flags: string | undefined): boolean {
  const bits = parseInt(flags ?? "", 16);
  return (bits & RTF_UP) !== 0 && (bits & RTF_REJECT) === 0;
}

function lowestMetric(routes: readonly Route[]): string | undefined {
  return routes.toSorted((a, b) => a.metric - b.metric)[0]?.interface;
}

/** Text of a routing table; empty where the kernel has none (IPv6 switched off). */
function readRoutes(proc: string, file: string): string {
  try {
    return Deno.readTextFileSync(join(proc, "net", file));
  } catch {
    return "";
  }
}

/** A hint with the names of interfaces, of many the first ones. */
export function interfacesHint(names: readonly string[]): string {
  const more = names.length > MAX_LISTED ? ", ..." : "";
  return `Interfaces here: ${names.slice(0, MAX_LISTED).join(", ")}${more}`;
}
