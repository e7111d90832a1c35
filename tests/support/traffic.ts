/**
 * Real traffic between the two ends of a rig: HTTP and UDP over both families, ping of both.
 *
 * @module
 */
import { join } from "node:path";
import { denoRun, exists, PROJECT } from "./inspector_cli.ts";
import type { NetnsEnd } from "./netns.ts";
import { TempDirectory } from "./temp_directory.ts";

/** Two ends that reach each other. */
export interface Ends {
  readonly a: NetnsEnd;
  readonly b: NetnsEnd;
}

const PEER_SCRIPT = join(PROJECT, "tests", "support", "traffic_peer.ts");
const SERVER_LIMIT_MS = 60_000;

/** The command line of one side of the traffic; see traffic_peer.ts. */
export function trafficPeer(...args: string[]): string[] {
  return denoRun(PEER_SCRIPT, ...args);
}

/** Starts the HTTP server and the UDP echo on side b and waits until they answer. */
export async function startServers(rig: Ends): Promise<void> {
  using directory = TempDirectory.create();
  const ready = directory.file("ready");
  const server = rig.b.start(trafficPeer("serve", ready, rig.b.ipv4, rig.b.ipv6));
  await server.until("the servers", SERVER_LIMIT_MS, () => exists(ready));
}

/**
 * HTTP requests and UDP datagrams (fragmented ones among them) from a to b and their answers; needs
 * {@linkcode startServers}.
 *
 * @returns one line for each address, to show
 */
export async function exchange(rig: Ends, requests: number): Promise<string[]> {
  const argv = trafficPeer("request", String(requests), rig.b.ipv4, rig.b.ipv6);
  return (await rig.a.check(argv)).trim().split("\n");
}

/**
 * Echo requests from a to b over each of `families`, with a TTL and a DSCP of their own (46, expedited
 * forwarding) and an ECN mark, and their replies, however long they take.
 */
export async function ping(
  rig: Ends,
  count: number,
  families: readonly ("ipv4" | "ipv6")[] = ["ipv4", "ipv6"],
): Promise<void> {
  for (const address of families.map((family) => rig.b[family])) {
    await rig.a.check([
      ...["ping", "-n", "-c", String(count), "-i", "0.05", "-W", "20"],
      ...["-t", "33", "-Q", "0xb9", address],
    ]);
  }
}

/** Sends `count` UDP datagrams of `size` payload bytes from a to b, where nothing listens. */
export async function flood(rig: Ends, count: number, size: number): Promise<void> {
  await rig.a.check(trafficPeer("flood", String(count), String(size), rig.b.ipv4));
}
