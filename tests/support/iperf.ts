/**
 * Bounded bulk traffic by iperf3, over both families, in both directions.
 *
 * @module
 */
import type { NetnsPair } from "./netns.ts";

const START_LIMIT_MS = 60_000;

/** Bytes of each TCP run, and of each UDP run. */
const TCP_BYTES = 2_000_000;
const UDP_BYTES = 300_000;

/**
 * Not more than this is on its way at a time: less than the 256 packets that a veth ring holds
 * (VETH_RING_SIZE in drivers/net/veth.c), so that the pair loses nothing.
 */
const WINDOW_BYTES = 128 * 1024;
/** Bits a second, so that datagrams come one by one. */
const UDP_BITRATE = "30M";

/** TCP and UDP, IPv4 and IPv6, from a to b and from b to a: eight runs, one after the other. */
export async function iperf({ a, b }: NetnsPair): Promise<void> {
  const server = b.start(["iperf3", "--server", "--forceflush"]);
  let runs = 0;
  // A client ends before the server has closed its run; the server says so when it listens again.
  const client = async (...args: string[]) => {
    await server.until(
      "iperf3 to listen",
      START_LIMIT_MS,
      (it) => it.stdout.split("Server listening").length - 1 > runs,
    );
    await a.check(["iperf3", "--client", ...args]);
    runs++;
  };
  for (const address of [b.ipv4, b.ipv6]) {
    for (const backwards of [[], ["--reverse"]]) {
      const run = [address, ...backwards];
      await client(...run, "--window", String(WINDOW_BYTES), "--bytes", String(TCP_BYTES));
      await client(...run, "--udp", "--bitrate", UDP_BITRATE, "--bytes", String(UDP_BYTES));
    }
  }
  await server[Symbol.asyncDispose]();
}
