/**
 * The reports on TCP a second time, in plain TypeScript: packets one after the other through the state
 * that Wireshark keeps for each connection. Nothing of the program is used here on purpose.
 *
 * @module
 */

/** A TCP packet as far as the reports look at it. */
export interface Segment {
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly interface: string;
  readonly direction: "ingress" | "egress";
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /** Bits as in the header: FIN 1, SYN 2, RST 4, ACK 16. */
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
  readonly window: number;
  /** Payload bytes. */
  readonly length: number;
  /** Wire packets in this buffer. */
  readonly wire: number;
  /** Bytes of the frame. */
  readonly bytes: number;
}

export interface Endpoint {
  readonly ip: string;
  readonly port: number;
}

/** What one sender of one connection did. */
export interface Counts {
  packets: number;
  segments: number;
  bytes: number;
  retransmitted: number;
  fast: number;
  spurious: number;
  reordered: number;
  duplicateAcks: number;
  keepAlives: number;
  zeroWindows: number;
  resets: number;
}

/** One connection. */
export interface Connection {
  readonly interface: string;
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly state: string;
  readonly syns: number;
  /** Nanoseconds; null where there was no handshake. */
  readonly handshake: bigint | null;
  readonly first: bigint;
  readonly last: bigint;
  /** By the sender. */
  readonly fromClient: Counts;
  readonly fromServer: Counts;
}

const FIN = 1, SYN = 2, RST = 4, ACK = 16;
const MS = 1_000_000n;

/** Takes apart the packets of all interfaces. Connections come in the order of their first packets. */
export function connectionsOf(segments: readonly Segment[]): Connection[] {
  const found: Connection[] = [];
  const conversations = Map.groupBy(segments, (one) => {
    return [one.interface, ...[nameOf(one.source), nameOf(one.destination)].sort()].join(" ");
  });
  for (const all of conversations.values()) {
    for (const packets of split(inOrder(counted(all)))) found.push(connectionOf(packets));
  }
  return found;
}

/** The direction in which a sender's packets are, where the interface shows two. */
function counted(packets: readonly Segment[]): Segment[] {
  return [...Map.groupBy(packets, ({ source }) => nameOf(source)).values()].flatMap((sent) => {
    const out = sent.filter(({ direction }) => direction === "egress");
    const into = sent.filter(({ direction }) => direction === "ingress");
    return into.length > out.length ? into : out;
  });
}

function inOrder(packets: readonly Segment[]): Segment[] {
  return packets.toSorted((a, b) =>
    Number(a.time - b.time) || a.seq + a.ack - b.seq - b.ack || a.length - b.length
  );
}

/** Begins a connection with each SYN that has another sequence number than its sender is known by. */
function split(packets: readonly Segment[]): Segment[][] {
  const connections: Segment[][] = [];
  packets.forEach((one, index) => {
    const isSyn = (one.flags & (SYN | ACK)) === SYN;
    const current = connections.at(-1);
    if (current === undefined || (isSyn && isAnother(one, packets.slice(0, index)))) {
      connections.push([one]);
    } else current.push(one);
  });
  return connections;
}

function isAnother(syn: Segment, earlier: readonly Segment[]): boolean {
  const last = (isOf: (one: Segment) => boolean) => earlier.findLast(isOf);
  const known = last(({ source, flags }) =>
    isSame(source, syn.source) && (flags & (SYN | ACK)) === SYN
  );
  if (known !== undefined) return known.seq !== syn.seq;
  const own = last(({ source }) => isSame(source, syn.source));
  if (own !== undefined) return u32(own.seq - 1) !== syn.seq;
  const peer = last(({ source, flags }) => !isSame(source, syn.source) && (flags & ACK) !== 0);
  return peer !== undefined && u32(peer.ack - 1) !== syn.seq;
}

function connectionOf(packets: readonly Segment[]): Connection {
  const syns = packets.filter(({ flags }) => (flags & (SYN | ACK)) === SYN);
  const client = syns[0]?.source ?? higherPort(packets[0]!);
  const first = packets[0]!;
  const server = isSame(first.source, client) ? first.destination : first.source;
  const counts = analyse(packets);
  const when = (from: Endpoint, mask: number, value: number) =>
    packets.find(({ source, flags }) => isSame(source, from) && (flags & mask) === value)?.time;
  const opened = when(client, SYN | RST | ACK, ACK);
  const used = when(server, SYN | RST | ACK, ACK);
  const answered = when(server, SYN | ACK, SYN | ACK);
  const reset = packets.find(({ flags }) => flags & RST)?.time;
  const senders = [client, server].filter((side) => packets.some((p) => isSame(p.source, side)));
  const fins = senders.map((side) => when(side, FIN, FIN));
  const finished = fins.includes(undefined) ? undefined : fins.reduce((a, b) => a! > b! ? a : b);
  const state = (): string => {
    if (syns.length === 0) return "midstream";
    if (opened === undefined && used === undefined && answered === undefined) {
      return when(server, RST, RST) === undefined ? "unanswered" : "refused";
    }
    if (reset !== undefined && (finished === undefined || reset < finished)) return "reset";
    if (opened === undefined && used === undefined) return "unanswered";
    return finished === undefined ? "open" : "closed";
  };
  const done = opened ?? answered;
  const hasHandshake = !["midstream", "refused", "unanswered"].includes(state());
  return {
    interface: first.interface,
    client,
    server,
    state: state(),
    syns: syns.filter(({ source }) => isSame(source, client)).length,
    handshake: hasHandshake && done !== undefined ? done - syns[0]!.time : null,
    first: first.time,
    last: packets.at(-1)!.time,
    fromClient: counts.get(nameOf(client)) ?? nothing(),
    fromServer: counts.get(nameOf(server)) ?? nothing(),
  };
}

function higherPort({ source, destination }: Segment): Endpoint {
  if (source.port !== destination.port) {
    return source.port > destination.port ? source : destination;
  }
  return source.ip <= destination.ip ? source : destination;
}

/** What Wireshark knows of one sender. */
interface Sender {
  readonly counts: Counts;
  /** End of the farthest segment, and when it came. */
  next: { seq: number; time: bigint } | null;
  last: Segment | null;
  wasKeepAlive: boolean;
  /** Duplicate ACKs by what they acknowledge. */
  readonly duplicates: Map<number, number>;
}

function analyse(packets: readonly Segment[]): Map<string, Counts> {
  const senders = new Map<string, Sender>();
  const sender = (name: string): Sender => {
    const known = senders.get(name) ??
      { counts: nothing(), next: null, last: null, wasKeepAlive: false, duplicates: new Map() };
    senders.set(name, known);
    return known;
  };
  const trip = firstRoundTrip(packets);
  for (const one of packets) {
    const { flags, seq, ack, length, time, window } = one;
    const own = sender(nameOf(one.source));
    const peer = sender(nameOf(one.destination));
    const isControl = (flags & (SYN | FIN | RST)) !== 0;
    const end = u32(seq + length + (flags & (SYN | FIN) ? 1 : 0));
    const { counts } = own;
    counts.packets++;
    counts.segments += one.wire;
    counts.bytes += one.bytes;
    if (window === 0 && !isControl) counts.zeroWindows++;
    if (flags & RST) counts.resets++;

    const isKeepAlive = length < 2 && !isControl && own.next !== null &&
      seq === u32(own.next.seq - 1);
    if (isKeepAlive) counts.keepAlives++;
    const isDuplicate = length === 0 && !isControl && window > 0 && !peer.wasKeepAlive &&
      own.next?.seq === seq && own.last?.window === window && own.last.ack === ack;
    if (isDuplicate) counts.duplicateAcks++;

    const kind = isKeepAlive ? null : lateness(one, {
      own,
      peer,
      end,
      roundTrip: trip !== null && time > trip.known ? trip.length : null,
    });
    if (kind === "reordered") counts.reordered += one.wire;
    else if (kind !== null) {
      const isWhole = kind === "spurious" || ahead(end, own.next!.seq) <= 0;
      const part = isWhole ? 1 : ahead(own.next!.seq, seq) / length;
      counts.retransmitted += isWhole ? one.wire : Math.ceil(part * one.wire);
      if (kind === "fast") counts.fast += one.wire;
      if (kind === "spurious") counts.spurious += one.wire;
    }

    if (isDuplicate) own.duplicates.set(ack, (own.duplicates.get(ack) ?? 0) + 1);
    if (!(flags & RST) && (own.next === null || ahead(end, own.next.seq) > 0)) {
      own.next = { seq: end, time };
    }
    own.last = one;
    own.wasKeepAlive = isKeepAlive;
  }
  return new Map([...senders].map(([name, { counts }]) => [name, counts]));
}

/** From the last SYN to the first ACK; null where there is none, or no SYN before it. */
function firstRoundTrip(packets: readonly Segment[]): { known: bigint; length: bigint } | null {
  const ack = packets.find(({ flags }) => (flags & (SYN | ACK)) === ACK);
  const syns = packets.filter(({ flags }) => (flags & (SYN | ACK)) === SYN);
  if (ack === undefined || syns.length === 0 || syns[0]!.time >= ack.time) return null;
  const syn = syns.at(-1)!.time < ack.time ? syns.at(-1)! : syns[0]!;
  return { known: ack.time, length: ack.time - syn.time };
}

/** How a segment that does not go on where its sender was is to be taken; null if it does. */
function lateness(
  { flags, seq, length, time }: Segment,
  { own, peer, end, roundTrip }: {
    own: Sender;
    peer: Sender;
    end: number;
    roundTrip: bigint | null;
  },
): "spurious" | "fast" | "reordered" | "late" | null {
  if ((length === 0 && !(flags & (SYN | FIN))) || flags & RST) return null;
  const acknowledged = peer.last?.ack ?? 0;
  if (length > 0 && acknowledged !== 0 && ahead(acknowledged, u32(seq + length)) >= 0) {
    return "spurious";
  }
  if (own.next === null || ahead(seq, own.next.seq) >= 0) return null;
  if (length > 1 && seq === u32(own.next.seq - 1)) return null;
  const isFast = (peer.duplicates.get(seq) ?? 0) >= 2 && acknowledged === seq &&
    time - peer.last!.time < 20n * MS;
  if (isFast) return "fast";
  const isSoon = time - own.next.time < (roundTrip ?? 3n * MS);
  return isSoon && end !== own.next.seq ? "reordered" : "late";
}

function nothing(): Counts {
  return {
    packets: 0,
    segments: 0,
    bytes: 0,
    retransmitted: 0,
    fast: 0,
    spurious: 0,
    reordered: 0,
    duplicateAcks: 0,
    keepAlives: 0,
    zeroWindows: 0,
    resets: 0,
  };
}

/** How far `one` is ahead of `other`: RFC 9293, 3.4. */
function ahead(one: number, other: number): number {
  return (one - other) | 0;
}

function u32(value: number): number {
  return value >>> 0;
}

function isSame(one: Endpoint, other: Endpoint): boolean {
  return one.ip === other.ip && one.port === other.port;
}

/** An endpoint as a text. */
export function nameOf({ ip, port }: Endpoint): string {
  return `${ip}:${port}`;
}
