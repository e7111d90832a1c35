/**
 * Random TCP conversations for the comparison of the reports with `tcp_reference.ts`.
 *
 * @module
 */
import fc from "fast-check";
import type { Segment } from "./tcp_reference.ts";

const CLIENT = { ip: "10.0.0.2", port: 51000 };
const SERVER = { ip: "10.0.0.1", port: 80 };

/** 2026-11-23T13:54:00Z. */
const START = 1_795_442_040_000_000_000n;

/** Nanoseconds between packets: within and beyond every limit that the rules have. */
const PAUSES = [1_000n, 90_000n, 700_000n, 2_900_000n, 3_100_000n, 19_000_000n, 21_000_000n];

const FIN = 1, SYN = 2, RST = 4, ACK = 16;

const noisyPacket = fc.record({
  fromClient: fc.boolean(),
  pause: fc.constantFrom(...PAUSES),
  flags: fc.constantFrom(ACK, ACK, ACK, ACK, ACK, SYN, SYN | ACK, FIN | ACK, RST, RST | ACK),
  seq: fc.integer({ min: 0, max: 6 }),
  ack: fc.integer({ min: 0, max: 6 }),
  window: fc.constantFrom(0, 500, 501),
  length: fc.constantFrom(0, 0, 1, 2, 3),
  wire: fc.constantFrom(1, 1, 2),
});

/** Where sequence numbers begin: in the middle, and so that they pass zero. */
const base = fc.constantFrom(1_000, 2 ** 31 - 3, 2 ** 32 - 3);

/** Packets that no TCP would send: every rule meets every other one. */
export const noise: fc.Arbitrary<Segment[]> = fc.record({
  packets: fc.array(noisyPacket, { minLength: 1, maxLength: 24 }),
  clientBase: base,
  serverBase: base,
}).map(({ packets, clientBase, serverBase }) => {
  let time = START;
  return packets.map(({ fromClient, pause, seq, ack, ...rest }): Segment => {
    time += pause;
    const [own, other] = fromClient ? [clientBase, serverBase] : [serverBase, clientBase];
    return {
      ...rest,
      ...ends(fromClient),
      time,
      seq: (own + seq) >>> 0,
      ack: (other + ack) >>> 0,
      bytes: 54 + rest.length,
    };
  });
});

/**
 * Payloads; the longest makes a connection pass all sequence numbers in no time. Four of them are the largest
 * window (RFC 7323, 2.3): nothing is sent that is farther away from what is sent next.
 */
const LENGTHS = [2, 100, 1448, 2 ** 28];
/** The most that an IPv4 packet has is a little more. */
export const PACKET_LENGTHS = [2, 100, 1448, 60_000];

const step = (lengths: readonly number[]) =>
  fc.record({
    kind: fc.constantFrom(
      "data",
      "data",
      "data",
      "ack",
      "ack",
      "again",
      "lost",
      "late",
      "probe",
      "full",
      "fin",
      "reset",
      "reopen",
    ),
    fromClient: fc.boolean(),
    pause: fc.constantFrom(...PAUSES),
    length: fc.constantFrom(...lengths),
    back: fc.integer({ min: 1, max: 4 }),
  });

/** Connections as TCP makes them, on a path that loses, repeats and reorders. */
export const trafficOf = (lengths: readonly number[]): fc.Arbitrary<Segment[]> =>
  fc.record({
    steps: fc.array(step(lengths), { maxLength: 30, size: "max" }),
    hasHandshake: fc.boolean(),
    // Not so that the next number is ever 0, which is none to Wireshark.
    isns: fc.tuple(fc.nat(2 ** 31), fc.constantFrom(999, 2 ** 31 - 1999, 2 ** 32 - 1999)),
    sides: fc.constantFrom("both", "both", "client", "server"),
  }).map(({ steps, hasHandshake, isns, sides }) => {
    const model = new Model(isns);
    if (hasHandshake) model.open();
    for (const one of steps) model.take(one);
    return model.packets.filter(({ source }) =>
      sides === "both" || (source === CLIENT) === (sides === "client")
    );
  });

export const traffic = trafficOf(LENGTHS);

/** The same twice, as on loopback; of a few packets only one is there, as when recording begins. */
export const loopbackTraffic: fc.Arbitrary<Segment[]> = traffic.map((packets) =>
  packets.flatMap((packet, index): Segment[] => [
    ...(index % 7 === 3 ? [] : [{ ...packet, direction: "egress" } as const]),
    { ...packet, direction: "ingress", time: packet.time + 500n },
  ])
);

type Step = ReturnType<typeof step> extends fc.Arbitrary<infer T> ? T : never;

/** Both ends of connections that follow each other. */
class Model {
  readonly packets: Segment[] = [];
  #time = START;
  /** What each side sends next, of the client and of the server. */
  readonly #next: [number, number];
  /** Payloads of each side that may be sent again. */
  #sent: [Segment[], Segment[]] = [[], []];
  /** Those that were lost before anybody saw them. */
  #lost: [Segment[], Segment[]] = [[], []];
  /** Whether one side has given up: nothing follows but another connection. */
  #isReset = false;

  constructor(isns: readonly [number, number]) {
    this.#next = [...isns];
  }

  open(): void {
    this.#send(true, SYN, 0, { ack: 0 });
    this.#send(false, SYN | ACK, 0);
    this.#send(true, ACK, 0);
  }

  take({ kind, fromClient, pause, length, back }: Step): void {
    if (this.#isReset && kind !== "reopen") return;
    this.#time += pause;
    const side = fromClient ? 0 : 1;
    const again = this.#sent[side].at(-back);
    switch (kind) {
      case "data":
        return this.#send(fromClient, ACK, length);
      case "ack":
        return this.#send(fromClient, ACK, 0);
      case "again":
        if (again === undefined) return;
        this.packets.push({ ...again, time: this.#tick() });
        this.#lost[side] = this.#lost[side].filter(({ seq }) => seq !== again.seq);
        return;
      case "lost":
        this.#send(fromClient, ACK, length);
        this.#lost[side].push(this.packets.pop()!);
        return;
      case "late": {
        // The second of two comes first.
        this.#send(fromClient, ACK, length);
        this.#send(fromClient, ACK, length);
        const [one, two] = this.packets.splice(-2) as [Segment, Segment];
        this.packets.push({ ...two, time: one.time }, { ...one, time: two.time });
        return;
      }
      case "probe":
        // Of a side that has sent nothing yet, nobody knows what would come next.
        if (!this.packets.some(({ source }) => (source === CLIENT) === fromClient)) return;
        return this.#send(fromClient, ACK, 0, { seq: (this.#next[side] - 1) >>> 0 });
      case "full":
        return this.#send(fromClient, ACK, 0, { window: 0 });
      case "fin":
        return this.#send(fromClient, FIN | ACK, 0);
      case "reset":
        this.#isReset = true;
        return this.#send(fromClient, RST | ACK, 0);
      case "reopen":
        this.#next[0] = (this.#next[0] + 77_777) >>> 0;
        this.#sent = [[], []];
        this.#lost = [[], []];
        this.#isReset = false;
        this.open();
    }
  }

  #send(
    fromClient: boolean,
    flags: number,
    length: number,
    fields: Partial<Segment> = {},
  ): void {
    const [own, other] = fromClient ? [0, 1] as const : [1, 0] as const;
    const packet: Segment = {
      ...ends(fromClient),
      time: this.#tick(),
      flags,
      seq: this.#next[own],
      ack: this.#lost[other][0]?.seq ?? this.#next[other],
      window: 500,
      length,
      wire: Math.max(1, Math.ceil(length / 1448)) % 2 ** 16,
      bytes: 54 + length,
      ...fields,
    };
    this.packets.push(packet);
    if (length > 0) this.#sent[own].push(packet);
    this.#next[own] = (this.#next[own] + length + (flags & (SYN | FIN) ? 1 : 0)) >>> 0;
    if (fields.seq !== undefined) this.#next[own] = (fields.seq + 1) >>> 0;
  }

  #tick(): bigint {
    return this.#time += 40_000n;
  }
}

function ends(
  fromClient: boolean,
): Pick<Segment, "interface" | "direction" | "source" | "destination"> {
  return fromClient
    ? { interface: "eth0", direction: "ingress", source: CLIENT, destination: SERVER }
    : { interface: "eth0", direction: "egress", source: SERVER, destination: CLIENT };
}
