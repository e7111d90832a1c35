/**
 * Sends numbered datagrams at a steady rate until it is ended: the payload of the n-th has n modulo 1,000
 * bytes, and one.
 *
 *     deno run -A tests/support/numbered_traffic.ts <address> <packets per second>
 *
 * @module
 */
import { createSocket } from "node:dgram";
import { DISCARD_PORT } from "./traffic_peer.ts";

/** Bursts a second. */
const TURNS = 100;

if (import.meta.main) {
  const [address = "", rate = ""] = Deno.args;
  const perTurn = Math.max(1, Math.round(Number(rate) / TURNS));
  const socket = createSocket("udp4");
  const payload = new Uint8Array(1001);
  for (let number = 0;;) {
    for (let turn = 0; turn < perTurn; turn++) {
      const size = number++ % 1000 + 1;
      await new Promise((sent) => socket.send(payload, 0, size, DISCARD_PORT, address, sent));
    }
    await new Promise((resume) => setTimeout(resume, 1000 / TURNS));
  }
}
