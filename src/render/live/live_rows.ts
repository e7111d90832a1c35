/**
 * What the rows of a live view are, and to which row a flow belongs.
 *
 * @module
 */
import { ipv4Text, ipv6Text } from "../../contract/address_text.ts";
import type { KnownAttachment } from "../../contract/attachment.ts";
import { ethertypeName, LLC_NAME } from "../../contract/ethertypes.ts";
import { ipProtocolName } from "../../contract/ip_protocols.ts";
import { FLOW_META, KEY, KEY_WORDS, type LiveSecond, ROLE } from "../../contract/live_second.ts";

/** What a live view can show, in the order of its keys. */
export const VIEWS = ["conversations", "hosts", "ports", "protocols", "interfaces"] as const;

export type View = (typeof VIEWS)[number];

/** What the two ways of a row are called. */
export const WAYS: Readonly<Record<View, readonly [forth: string, back: string]>> = {
  conversations: ["to_server", "to_client"],
  hosts: ["sent", "received"],
  ports: ["to_server", "to_client"],
  protocols: ["out", "in"],
  interfaces: ["out", "in"],
};

/** Index of a number in the sums of a row. */
export const SUM = {
  packetsForth: 0,
  bytesForth: 1,
  packetsBack: 2,
  bytesBack: 3,
  again: 4,
  refused: 5,
} as const;

/** Numbers of the sums of a row. */
export const SUMS = 6;

/** What a row is about. */
export interface Subject {
  /** Tells it from all others of its view. */
  readonly label: string;
  /** More about it, made when somebody asks: there may be many rows. */
  readonly about: () => Details;
}

/** More about a row. */
export interface Details {
  /** The filter that selects it; null if there is none. */
  readonly filter: string | null;
  /** The same in pieces, for programs. */
  readonly fields: Readonly<Record<string, string | number | null>>;
}

/** Below stands a length in the place of an EtherType: IEEE 802.3, 3.2.6. */
const LOWEST_ETHERTYPE = 1536;

/** Protocols whose ports filters know by name. */
const PORT_WORDS: Readonly<Record<number, string>> = { 6: "tcp", 17: "udp", 132: "sctp" };

/** A flow, taken apart. */
interface Flow {
  readonly source: string;
  readonly destination: string;
  /** Whether it has addresses. */
  readonly isIp: boolean;
  readonly isV6: boolean;
  readonly protocol: number;
  readonly ethertype: number;
  readonly ports: { readonly source: number; readonly destination: number } | null;
  readonly place: KnownAttachment;
  /** Whether its sender is the client. */
  readonly fromClient: boolean;
}

/** The rows that a flow belongs to. */
export interface Subjects {
  /** None, one, or in the view of hosts the sender and the receiver. */
  readonly subjects: readonly Subject[];
  /** Whether the packets of the flow go forth, for the first of them. */
  readonly forth: boolean;
}

/** Finds the rows of flows in one view. */
export class SubjectFinder {
  readonly #view: View;
  readonly #places: readonly KnownAttachment[];

  constructor(view: View, places: readonly KnownAttachment[]) {
    this.#view = view;
    this.#places = places;
  }

  /** @param index of the flow in the second */
  find(second: LiveSecond, index: number): Subjects {
    const flow = flowOf(second, index, this.#places);
    const isOut = flow.place.direction === "egress";
    switch (this.#view) {
      case "conversations":
        return { subjects: flow.isIp ? [conversation(flow)] : [], forth: flow.fromClient };
      case "hosts":
        return { subjects: hosts(flow), forth: true };
      case "ports":
        return {
          subjects: flow.ports === null ? [] : [port(flow, flow.ports)],
          forth: flow.fromClient,
        };
      case "protocols":
        return { subjects: [protocol(flow)], forth: isOut };
      case "interfaces":
        return { subjects: [interfaceOf(flow)], forth: isOut };
    }
  }
}

function flowOf(
  { keys, roles }: LiveSecond,
  number: number,
  places: readonly KnownAttachment[],
): Flow {
  const key = number * KEY_WORDS;
  const meta = keys[key + KEY.meta]!;
  const word = keys[key + KEY.ports]!;
  const isV6 = (meta & FLOW_META.isV6) !== 0;
  const isIp = isV6 || (meta & FLOW_META.isV4) !== 0;
  const address = (at: number) =>
    !isIp ? "" : isV6 ? ipv6Text(keys, key + at) : ipv4Text(keys[key + at]!);
  const source = address(KEY.source);
  const destination = address(KEY.destination);
  const ports = meta & FLOW_META.hasPorts
    ? { source: word & 0xffff, destination: word >>> 16 }
    : null;
  return {
    source,
    destination,
    isIp,
    isV6,
    protocol: meta >>> FLOW_META.protocolShift & 0xff,
    ethertype: isIp ? 0 : word,
    ports,
    place: places[meta & FLOW_META.attachment]!,
    fromClient: isFromClient(roles[number]!, ports, source <= destination),
  };
}

/** Whoever has sent a SYN is the client; else the side with the higher port, as in `conversations`. */
function isFromClient(role: number, ports: Flow["ports"], isFirst: boolean): boolean {
  if (role !== ROLE.unknown) return role === ROLE.client;
  if (ports === null || ports.source === ports.destination) return isFirst;
  return ports.source > ports.destination;
}

function conversation(flow: Flow): Subject {
  const [client, server] = flow.fromClient
    ? [flow.source, flow.destination]
    : [flow.destination, flow.source];
  const number = serverPort(flow);
  const name = ipProtocolName(flow.protocol);
  const target = number === null ? server : `${flow.isV6 ? `[${server}]` : server}:${number}`;
  return {
    label: `${client} > ${target} ${name}`,
    about: () => {
      const hosts = `host ${client} and host ${server}`;
      const word = PORT_WORDS[flow.protocol];
      return {
        filter: number !== null && word !== undefined
          ? `${hosts} and ${word} port ${number}`
          : `${hosts} and proto ${flow.protocol}`,
        fields: { client, server, server_port: number, protocol: name },
      };
    },
  };
}

function serverPort({ ports, fromClient }: Flow): number | null {
  return ports === null ? null : fromClient ? ports.destination : ports.source;
}

function hosts({ isIp, source, destination }: Flow): Subject[] {
  if (!isIp) return [];
  return source === destination ? [host(source)] : [host(source), host(destination)];
}

function host(address: string): Subject {
  const about = () => ({ filter: `host ${address}`, fields: { host: address } });
  return { label: address, about };
}

function port(flow: Flow, ports: NonNullable<Flow["ports"]>): Subject {
  const number = serverPort({ ...flow, ports })!;
  const name = ipProtocolName(flow.protocol);
  const word = PORT_WORDS[flow.protocol];
  return {
    label: `${number} ${name}`,
    about: () => ({
      filter: word === undefined ? null : `${word} port ${number}`,
      fields: { port: number, protocol: name },
    }),
  };
}

function protocol({ isIp, protocol, ethertype }: Flow): Subject {
  if (isIp) {
    const name = ipProtocolName(protocol);
    const about = () => ({ filter: `proto ${protocol}`, fields: { protocol: name } });
    return { label: name, about };
  }
  const isType = ethertype >= LOWEST_ETHERTYPE;
  const name = isType ? ethertypeName(ethertype) : LLC_NAME;
  return {
    label: name,
    about: () => ({
      filter: isType ? `ether proto ${ethertype}` : null,
      fields: { protocol: name },
    }),
  };
}

function interfaceOf({ place }: Flow): Subject {
  const name = place.interface;
  const about = () => ({ filter: `interface ${name}`, fields: { interface: name } });
  return { label: name, about };
}
