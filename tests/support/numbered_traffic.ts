/**
 * Sends numbered datagrams at a steady rate until it is ended: the payload of the n-th has n modulo 1,000
 * bytes, and one.
 *
 *     deno run -A tests/support/numbered_traffic.ts <address> <packets per second>
 *
 * @module
 */
import { createSocket, type Socket } from "node:dgram";
import { DISCARD_PORT } from "./traffic_peer.ts";

/** Bursts a second. */
const TURNS = 100;

/** Numbers from which they begin again. */
export const NUMBERS = 1000;

/** Sends one datagram after the other, each with the next number. */
export class NumberedSender implements Disposable {
  /** Datagrams so far. */
  sent = 0;
  readonly #address: string;
  readonly #socket: Socket;
  readonly #payload = new Uint8Array(NUMBERS + 1);

  /** @param address IPv4 */
  constructor(address: string) {
    this.#address = address;
    this.#socket = createSocket("udp4");
  }

  async send(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn++) {
      const size = this.sent % NUMBERS + 1;
      await new Promise<void>((sent, failed) => {
        this.#socket.send(this.#payload, 0, size, DISCARD_PORT, this.#address, (error) => {
          if (error) failed(error);
          else sent();
        });
      });
      this.sent++;
    }
  }

  /** Sends `rate` packets per second for a time, in short bursts. */
  async pace(rate: number, durationMs: number): Promise<void> {
    const end = performance.now() + durationMs;
    while (performance.now() < end) {
      await this.send(Math.round(rate / TURNS));
      await new Promise((resume) => setTimeout(resume, 1000 / TURNS));
    }
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

if (import.meta.main) {
  const [address = "", rate = ""] = Deno.args;
  await new NumberedSender(address).pace(Math.max(TURNS, Number(rate)), Infinity);
}
