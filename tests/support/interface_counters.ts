/**
 * What the kernel itself counts on the interface of a rig's end.
 *
 * @module
 */
import { deepEqual } from "node:assert/strict";
import { waitFor } from "./deadline.ts";
import type { NetnsEnd } from "./netns.ts";

/** Limit for the link to become silent, milliseconds. */
const SILENCE_LIMIT_MS = 60_000;
/** Readings in a row without a packet that count as silence; TCP's longest delay is 40 ms. */
const SILENT_READINGS = 20;

export interface DirectionCounters {
  readonly packets: number;
  readonly bytes: number;
  /** Packets that were lost, for whatever reason. */
  readonly lost: number;
}

/** `ip -s -s link`: a packet is a socket buffer, whatever it becomes on a wire. */
export interface InterfaceCounters {
  readonly ingress: DirectionCounters;
  readonly egress: DirectionCounters;
}

/** The interface's counters at this moment. */
export async function readInterfaceCounters(end: NetnsEnd): Promise<InterfaceCounters> {
  const text = await end.check(["ip", "-json", "-s", "-s", "link", "show", "dev", end.interface]);
  const { rx, tx } = JSON.parse(text)[0].stats64;
  const direction = ({ packets, bytes, errors, dropped }: typeof rx) => {
    return { packets, bytes, lost: errors + dropped };
  };
  return { ingress: direction(rx), egress: direction(tx) };
}

/** What was counted between two readings. */
export function countedBetween(
  before: InterfaceCounters,
  after: InterfaceCounters,
): InterfaceCounters {
  const difference = (direction: "ingress" | "egress") => ({
    packets: after[direction].packets - before[direction].packets,
    bytes: after[direction].bytes - before[direction].bytes,
    lost: after[direction].lost - before[direction].lost,
  });
  return { ingress: difference("ingress"), egress: difference("egress") };
}

/** Waits until no packet passes any more, and gives the counters of then. */
export async function untilSilent(end: NetnsEnd): Promise<InterfaceCounters> {
  let last = await readInterfaceCounters(end);
  let readings = 0;
  await waitFor(`"${end.interface}" to be silent`, SILENCE_LIMIT_MS, async () => {
    const now = await readInterfaceCounters(end);
    readings = JSON.stringify(now) === JSON.stringify(last) ? readings + 1 : 0;
    last = now;
    return readings >= SILENT_READINGS;
  });
  return last;
}

/**
 * Runs `act` on a silent link.
 *
 * @throws {Error} if a packet passes while it runs: then nobody can say who has seen it
 */
export async function inSilence<T>(end: NetnsEnd, act: () => Promise<T>): Promise<T> {
  const before = await untilSilent(end);
  const result = await act();
  deepEqual(await readInterfaceCounters(end), before, "a packet passed where none was expected");
  return result;
}

/**
 * TCP segments that the namespace has sent, as packets on a wire, whatever they were put together in:
 * OutSegs is without those that are sent once more (net/ipv4/tcp_output.c, RFC 4022).
 */
export async function readSentSegments(end: NetnsEnd): Promise<number> {
  const text = await end.check(["cat", "/proc/net/snmp"]);
  const [names, values] = text.split("\n").filter((line) => line.startsWith("Tcp: "))
    .map((line) => line.split(" "));
  const value = (name: string) => Number(values![names!.indexOf(name)]);
  return value("OutSegs") + value("RetransSegs");
}
