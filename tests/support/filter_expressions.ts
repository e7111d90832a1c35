/**
 * Filters made up at random, each with what it means: written down beside the text, from pcap-filter(7),
 * and not by anything that reads the text.
 *
 * @module
 */
import type { FilterPacket } from "./filter_packets.ts";
import { addressText, macText } from "./filter_packets.ts";
import type { Prng } from "./prng.ts";

/** A filter, and whether it selects a packet. */
export interface Expression {
  readonly text: string;
  readonly matches: (packet: FilterPacket) => boolean;
  /** Whether libpcap has these words. */
  readonly isTcpdump: boolean;
}

/** A condition that can follow words of another one: `port 80 or 443`. */
interface Primitive extends Expression {
  /** The text without its leading words, and whether that is all that differs. */
  readonly id?: { readonly words: string; readonly text: string };
}

type Ends = "src" | "dst" | "src or dst" | "src and dst" | "dst or src" | "";

const PORT_PROTOCOLS = { tcp: 6, udp: 17, sctp: 132 } as const;
const RELATIONS = ["=", "==", "!=", "<", "<=", ">", ">="] as const;

/** Makes filters about packets like those that it is given. */
export class ExpressionMaker {
  readonly #random: Prng;
  readonly #packets: readonly FilterPacket[];

  constructor(random: Prng, packets: readonly FilterPacket[]) {
    this.#random = random;
    this.#packets = packets;
  }

  /** A filter of a few conditions. */
  expression(depth = 3): Expression {
    const first = this.#operand(depth);
    if (depth === 0) return first;
    let { text, matches, isTcpdump } = first;
    let words = first.id?.words;
    for (let more = this.#random.below(3); more > 0; more--) {
      const isAnd = this.#random.oneIn(2);
      const right = this.#operand(depth - 1);
      const join = this.#random.pick(isAnd ? ["and", "&&"] : ["or", "||"]);
      // The words may be left out if they are those of the last one.
      const isShort = words !== undefined && right.id?.words === words && this.#random.oneIn(2);
      text += ` ${join} ${isShort ? right.id!.text : right.text}`;
      const left = matches;
      matches = isAnd
        ? (packet) => left(packet) && right.matches(packet)
        : (packet) => left(packet) || right.matches(packet);
      isTcpdump &&= right.isTcpdump;
      words = right.id?.words;
    }
    return { text, matches, isTcpdump };
  }

  #operand(depth: number): Primitive {
    const kind = depth === 0 ? 2 : this.#random.below(6);
    if (kind === 0) {
      const { text, matches, isTcpdump } = this.expression(depth - 1);
      return { text: `(${text})`, matches, isTcpdump };
    }
    if (kind === 1) {
      const of = this.#operand(depth - 1);
      const not = this.#random.pick(["not ", "!", "! "]);
      const negated = { ...of, text: not + of.text, matches: (p: FilterPacket) => !of.matches(p) };
      return of.id === undefined
        ? negated
        : { ...negated, id: { words: of.id.words, text: not + of.id.text } };
    }
    return this.#primitive();
  }

  #primitive(): Primitive {
    const makers = [
      () => this.#port(),
      () => this.#port(),
      () => this.#portRange(),
      () => this.#list(),
      () => this.#host(),
      () => this.#host(),
      () => this.#net(),
      () => this.#net(),
      () => this.#net(),
      () => this.#mac(),
      () => this.#abbreviation(),
      () => this.#abbreviation(),
      () => this.#protocol(),
      () => this.#vlan(),
      () => this.#length(),
      () => this.#toMany(),
      () => this.#own(),
      () => this.#access(),
      () => this.#access(),
      () => this.#flags(),
    ];
    return this.#random.pick(makers)();
  }

  #packet(): FilterPacket {
    return this.#random.pick(this.#packets);
  }

  #packetWith<Name extends "ip" | "ports" | "tcp" | "icmp" | "mac">(
    name: Name,
  ): FilterPacket & { readonly [Key in Name]: NonNullable<FilterPacket[Key]> } {
    for (let tries = 0; tries < 1000; tries++) {
      const packet = this.#packet();
      if (packet[name] !== null) return packet as never;
    }
    throw new Error(`no packet with ${name}`);
  }

  #ends(): Ends {
    return this.#random.pick(
      ["", "", "", "src", "dst", "src or dst", "src and dst", "dst or src"] as const,
    );
  }

  #words(...words: readonly string[]): string {
    return words.filter((word) => word !== "").join(this.#random.oneIn(10) ? "  " : " ");
  }

  #port(): Primitive {
    const protocol = this.#random.pick(["", "", "tcp", "udp", "sctp"] as const);
    const { ports } = this.#packetWith("ports");
    const port = this.#random.pick([ports.source, ports.destination, 443]);
    const ends = this.#ends();
    const words = this.#words(protocol, ends, "port");
    return {
      text: `${words} ${port}`,
      id: { words, text: String(port) },
      isTcpdump: true,
      matches: (packet) =>
        carriesPorts(packet, protocol) &&
        atEnds(ends, (end) => packet.ports![end] === port),
    };
  }

  /** Several of a kind, behind the same words: more than are compared one by one. */
  #list(): Primitive {
    const kind = this.#random.below(3);
    const one = () => kind === 0 ? this.#port() : kind === 1 ? this.#host() : this.#net();
    const first = one();
    const { words } = first.id!;
    const members = [first];
    const length = 2 + this.#random.below(20);
    for (let tries = 0; members.length < length && tries < 2000; tries++) {
      const next = one();
      if (next.id!.words === words) members.push(next);
    }
    const text = `(${members.map(({ id }) => id!.text).join(" or ")})`;
    return {
      text: `${words} ${text}`,
      id: { words, text },
      isTcpdump: members.every(({ isTcpdump }) => isTcpdump),
      matches: (packet) => members.some(({ matches }) => matches(packet)),
    };
  }

  #portRange(): Primitive {
    const protocol = this.#random.pick(["", "tcp", "udp"] as const);
    const { ports } = this.#packetWith("ports");
    const low = Math.max(0, ports.source - this.#random.below(300));
    const high = Math.min(65535, ports.source + this.#random.below(300));
    const ends = this.#ends();
    const words = this.#words(protocol, ends, "portrange");
    return {
      text: `${words} ${low}-${high}`,
      id: { words, text: `${low}-${high}` },
      isTcpdump: true,
      matches: (packet) =>
        carriesPorts(packet, protocol) &&
        atEnds(ends, (end) => low <= packet.ports![end] && packet.ports![end] <= high),
    };
  }

  #address(): number[] {
    const { ip } = this.#packetWith("ip");
    const address = [...this.#random.pick([ip.source, ip.destination])];
    if (this.#random.oneIn(4)) address[this.#random.below(address.length)]! ^= 1;
    return address;
  }

  #host(): Primitive {
    const address = this.#address();
    const ends = this.#ends();
    const protocol = this.#random.oneIn(3) ? address.length === 4 ? "ip" : "ip6" : "";
    const type = ends === "" || this.#random.oneIn(2) ? "host" : "";
    const words = this.#words(protocol, ends, type);
    const text = addressText(address);
    return {
      text: `${words} ${text}`,
      id: { words, text },
      // libpcap looks into ARP as well, unless it is told not to.
      isTcpdump: protocol !== "" || address.length === 16,
      matches: (packet) => atEnds(ends, (end) => inNet(packet.ip?.[end], address, 128)),
    };
  }

  #net(): Primitive {
    const address = this.#address();
    const most = 8 * address.length;
    const bits = this.#random.oneIn(3)
      ? this.#random.pick([8, 16, 24, 32, 48, 64, 96, 112, 120].filter((one) => one <= most))
      : this.#random.below(most + 1);
    const masked = address.map((byte, index) => {
      const left = Math.min(8, Math.max(0, bits - 8 * index));
      return byte & ~(0xff >> left) & 0xff;
    });
    const ends = this.#ends();
    const protocol = this.#random.oneIn(3) ? address.length === 4 ? "ip" : "ip6" : "";
    const words = this.#words(protocol, ends, "net");
    const isWhole = most === 32 && bits % 8 === 0 && bits > 0 && this.#random.oneIn(2);
    const text = isWhole ? masked.slice(0, bits / 8).join(".") : `${addressText(masked)}/${bits}`;
    return {
      text: `${words} ${text}`,
      id: { words, text },
      isTcpdump: protocol !== "" || address.length === 16,
      matches: (packet) => atEnds(ends, (end) => inNet(packet.ip?.[end], masked, bits)),
    };
  }

  #mac(): Primitive {
    const { mac } = this.#packetWith("mac");
    const address = this.#random.pick([mac.source, mac.destination]);
    const ends = this.#ends();
    const words = this.#words("ether", ends, ends === "" || this.#random.oneIn(2) ? "host" : "");
    const text = macText(address);
    return {
      text: `${words} ${text}`,
      id: { words, text },
      isTcpdump: true,
      matches: (packet) =>
        atEnds(ends, (end) => packet.mac !== null && macText(packet.mac[end]) === text),
    };
  }

  #abbreviation(): Primitive {
    const carried = (protocol: number, version?: number) => (packet: FilterPacket) =>
      packet.ip?.protocol === protocol && (version ?? packet.ip.version) === packet.ip.version;
    const typed = (type: number, version?: number) => (packet: FilterPacket) =>
      packet.ethertype === type || version !== undefined && packet.ip?.version === version;
    const [text, matches] = this.#random.pick<[string, Expression["matches"]]>([
      ["tcp", carried(6)],
      ["udp", carried(17)],
      ["sctp", carried(132)],
      ["esp", carried(50)],
      ["ah", carried(51)],
      ["icmp", carried(1, 4)],
      ["icmp6", carried(58, 6)],
      ["igmp", carried(2, 4)],
      ["ip", typed(0x800, 4)],
      ["ip6", typed(0x86dd, 6)],
      ["arp", typed(0x806)],
      ["rarp", typed(0x8035)],
    ]);
    return { text, matches, isTcpdump: true };
  }

  #protocol(): Primitive {
    const { ip, ethertype } = this.#packetWith("ip");
    const kind = this.#random.pick(["ip", "ip6", "", "ether"]);
    if (kind === "ether") {
      const type = (ethertype ?? 0) >= 1536 && ![0x8100, 0x88a8, 0x9100].includes(ethertype!)
        ? ethertype!
        : 0x88cc;
      return {
        text: `ether proto ${this.#random.pick([String(type), `0x${type.toString(16)}`])}`,
        isTcpdump: true,
        matches: (packet) => packet.ethertype === type,
      };
    }
    const version = kind === "" ? null : kind === "ip" ? 4 : 6;
    const words = this.#words(kind, "proto");
    return {
      text: `${words} ${ip.protocol}`,
      id: { words, text: String(ip.protocol) },
      isTcpdump: true,
      matches: (packet) =>
        packet.ip?.protocol === ip.protocol && (version ?? packet.ip.version) === packet.ip.version,
    };
  }

  #vlan(): Primitive {
    const id = this.#packets.find(({ vlan }) => vlan !== null && this.#random.oneIn(3))?.vlan ?? 1;
    // Twice on the two sides of "and" it would be refused; so it stands within "not".
    if (this.#random.oneIn(2)) {
      return { text: "not vlan", isTcpdump: false, matches: (packet) => packet.vlan === null };
    }
    return { text: `not vlan ${id}`, isTcpdump: false, matches: (packet) => packet.vlan !== id };
  }

  #length(): Primitive {
    const { length } = this.#packet();
    const isLess = this.#random.oneIn(2);
    return {
      text: `${isLess ? "less" : "greater"} ${length}`,
      isTcpdump: true,
      matches: (packet) => isLess ? packet.length <= length : packet.length >= length,
    };
  }

  #toMany(): Primitive {
    const many = (packet: FilterPacket) => (packet.mac?.destination[0] ?? 0) % 2 === 1;
    const [text, matches] = this.#random.pick<[string, Expression["matches"]]>([
      ["multicast", many],
      ["ether multicast", many],
      ["broadcast", ({ mac }) => mac?.destination.every((byte) => byte === 255) ?? false],
      ["ip multicast", ({ ip }) => ip?.version === 4 && ip.destination[0]! >= 224],
      ["ip6 multicast", ({ ip }) => ip?.version === 6 && ip.destination[0] === 255],
    ]);
    return { text, matches, isTcpdump: true };
  }

  #own(): Primitive {
    const { ip } = this.#packetWith("ip");
    const [relation, holds] = this.#relation();
    const dscp = ip.trafficClass >> 2;
    const { interface: name } = this.#packet();
    const [text, matches] = this.#random.pick<[string, Expression["matches"]]>([
      ["in", ({ direction }) => direction === "ingress"],
      ["out", ({ direction }) => direction === "egress"],
      ["inbound", ({ direction }) => direction === "ingress"],
      [`interface ${name}`, (packet) => packet.interface === name],
      ["fragment", (packet) => packet.ip?.isFragment ?? false],
      [`ttl ${ip.ttl}`, (packet) => packet.ip?.ttl === ip.ttl],
      [`ttl ${relation} ${ip.ttl}`, (packet) => packet.ip !== null && holds(packet.ip.ttl, ip.ttl)],
      [
        `dscp ${relation} ${dscp}`,
        (packet) => packet.ip !== null && holds(packet.ip.trafficClass >> 2, dscp),
      ],
    ]);
    return { text, matches, isTcpdump: false };
  }

  #flags(): Primitive {
    const names = ["tcp-fin", "tcp-syn", "tcp-rst", "tcp-push", "tcp-ack", "tcp-urg", "tcp-ece"];
    const chosen = names.filter(() => this.#random.oneIn(3));
    const mask = chosen.reduce((sum, name) => sum | 1 << names.indexOf(name), 0);
    const wanted = mask & this.#random.below(256);
    const written = chosen.length === 0 ? "0" : chosen.join("|");
    return {
      text: `tcp[tcpflags] & (${written}) == ${wanted}`,
      isTcpdump: true,
      matches: ({ tcp }) => tcp !== null && (tcp.flags & mask) === wanted,
    };
  }

  #relation(): [string, (left: number, right: number) => boolean] {
    const relation = this.#random.pick(RELATIONS);
    return [relation, (left, right) => {
      switch (relation) {
        case "=":
        case "==":
          return left === right;
        case "!=":
          return left !== right;
        case "<":
          return left < right;
        case "<=":
          return left <= right;
        case ">":
          return left > right;
        case ">=":
          return left >= right;
      }
    }];
  }

  /** A value of a packet, as text and as a function: `tcp[4:4]`. */
  #accessor(): [string, (packet: FilterPacket) => number | null] {
    const version = (packet: FilterPacket, wanted: number) =>
      packet.ip?.version === wanted ? packet.ip : null;
    const carried = (packet: FilterPacket, protocol: number) =>
      packet.ip?.protocol === protocol ? packet : null;
    const at = this.#random.below(2);
    const size = this.#random.pick([1, 2, 4]);
    const offset4 = this.#random.below(5 - size);
    const offset6 = this.#random.below(17 - size);
    const offsetMac = this.#random.below(13 - size);
    const end = at === 0 ? "source" : "destination";
    return this.#random.pick<[string, (packet: FilterPacket) => number | null]>([
      ["len", ({ length }) => length],
      ["ip[8]", (packet) => version(packet, 4)?.ttl ?? null],
      ["ip[1]", (packet) => version(packet, 4)?.trafficClass ?? null],
      ["ip[9]", (packet) => version(packet, 4)?.protocol ?? null],
      ["ip6[7]", (packet) => version(packet, 6)?.ttl ?? null],
      [
        `ip[${12 + 4 * at + offset4}:${size}]`,
        (packet) => numberAt(version(packet, 4)?.[end], offset4, size),
      ],
      [
        `ip6[${8 + 16 * at + offset6}:${size}]`,
        (packet) => numberAt(version(packet, 6)?.[end], offset6, size),
      ],
      [
        `ether[${offsetMac}:${size}]`,
        ({ mac }) => mac && numberAt([...mac.destination, ...mac.source], offsetMac, size),
      ],
      ["tcp[0:2]", (packet) => carried(packet, 6)?.ports?.source ?? null],
      ["tcp[0:4]", (packet) => {
        const ports = carried(packet, 6)?.ports ?? null;
        return ports && ports.source * 65536 + ports.destination;
      }],
      ["tcp[1]", (packet) => {
        const ports = carried(packet, 6)?.ports ?? null;
        return ports && ports.source % 256;
      }],
      ["udp[2:2]", (packet) => carried(packet, 17)?.ports?.destination ?? null],
      ["tcp[4:4]", ({ tcp }) => tcp && tcp.sequence],
      ["tcp[8:4]", ({ tcp }) => tcp && tcp.acknowledgment],
      ["tcp[9:2]", ({ tcp }) => tcp && (tcp.acknowledgment >>> 8) % 65536],
      ["tcp[13]", ({ tcp }) => tcp && tcp.flags],
      ["tcp[14:2]", ({ tcp }) => tcp && tcp.window],
      [
        "icmp[icmptype]",
        (packet) => version(packet, 4) && (carried(packet, 1)?.icmp?.type ?? null),
      ],
      ["icmp[1]", (packet) => version(packet, 4) && (carried(packet, 1)?.icmp?.code ?? null)],
      ["icmp6[0]", (packet) => version(packet, 6) && (carried(packet, 58)?.icmp?.type ?? null)],
    ]);
  }

  #access(): Primitive {
    const [accessor, value] = this.#accessor();
    let text = accessor;
    let compute = (number: number) => number;
    if (this.#random.oneIn(2)) {
      const operator = this.#random.pick(["+", "-", "*", "/", "&", "|", "<<", ">>", "%", "^"]);
      const isShift = operator === "<<" || operator === ">>";
      const right = isShift ? this.#random.below(32) : 1 + this.#random.below(300);
      text = this.#random.oneIn(2)
        ? `${text} ${operator} ${right}`
        : `(${text} ${operator} ${right})`;
      compute = (number) => arithmetic(number, operator, right);
    }
    const example = value(this.#packet());
    const constant = example === null ? this.#random.below(65536) : compute(example);
    const [relation, holds] = this.#relation();
    const isReversed = this.#random.oneIn(8);
    return {
      text: isReversed
        ? `0x${constant.toString(16)} ${relation} ${text}`
        : `${text} ${relation} ${constant}`,
      isTcpdump: true,
      matches: (packet) => {
        const found = value(packet);
        if (found === null) return false;
        const left = compute(found);
        return isReversed ? holds(constant, left) : holds(left, constant);
      },
    };
  }
}

/** By BigInt: another way than that of the program. */
function arithmetic(left: number, operator: string, right: number): number {
  const [a, b] = [BigInt(left), BigInt(right)];
  const results: Record<string, () => bigint> = {
    "+": () => a + b,
    "-": () => a - b,
    "*": () => a * b,
    "/": () => a / b,
    "%": () => a % b,
    "&": () => a & b,
    "|": () => a | b,
    "^": () => a ^ b,
    "<<": () => a << b,
    ">>": () => a >> b,
  };
  return Number(BigInt.asUintN(32, results[operator]!()));
}

function numberAt(bytes: readonly number[] | undefined, offset: number, size: number) {
  if (bytes === undefined) return null;
  return bytes.slice(offset, offset + size).reduce((number, byte) => number * 256 + byte, 0);
}

function carriesPorts({ ip, ports }: FilterPacket, protocol: "" | keyof typeof PORT_PROTOCOLS) {
  if (ip === null || ports === null) return false;
  return protocol === ""
    ? Object.values<number>(PORT_PROTOCOLS).includes(ip.protocol)
    : ip.protocol === PORT_PROTOCOLS[protocol];
}

function atEnds(ends: Ends, matches: (end: "source" | "destination") => boolean): boolean {
  if (ends === "src") return matches("source");
  if (ends === "dst") return matches("destination");
  if (ends === "src and dst") return matches("source") && matches("destination");
  return matches("source") || matches("destination");
}

/** By text of binary digits: another way than that of the program. */
function inNet(address: readonly number[] | undefined, net: readonly number[], bits: number) {
  if (address?.length !== net.length) return false;
  const digits = (bytes: readonly number[]) =>
    bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("").slice(0, bits);
  return digits(address) === digits(net);
}
