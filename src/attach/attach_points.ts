/**
 * From the names that the user gives to attach points. Names are looked up among the interfaces of
 * this network namespace; an interface has one name, alternative names, and its index as a number.
 *
 * @module
 */
import { listLinks, type NetworkLink } from "../../ffi/mod.ts";
import type { Direction } from "../contract/attachment.ts";
import { RunError, UsageError } from "../core/errors.ts";
import { defaultRouteInterface, interfacesHint } from "../core/interfaces.ts";
import { suggestion } from "../core/near_names.ts";
import { ARPHRD_ETHER, ARPHRD_LOOPBACK, linkHeader } from "./link_header.ts";

/** One direction of one interface. */
export interface AttachPoint {
  readonly interface: string;
  /** Interface index in this network namespace; {@linkcode ABSENT} = it is not there yet. */
  readonly ifindex: number;
  readonly direction: Direction;
  /** Whether its packets have no Ethernet header, as those of a tunnel. Left out = they have one. */
  readonly bare?: boolean;
}

/** Index of an interface that is waited for: the kernel gives none of that (net/core/dev.c, dev_index_reserve). */
export const ABSENT = 0;

/** Stands for every interface that is up. */
export const ANY_INTERFACE = "any";

/** What is taken of an interface. */
type ChosenLink = Pick<NetworkLink, "name" | "index" | "type">;

/** What the kernel takes for a name: net/core/dev.c, dev_valid_name(), with its limit IFNAMSIZ. */
const POSSIBLE_NAME = /^(?!\.\.?$)[^\s/:]{1,15}$/;

/** The number of an attachment is one byte of a record (bpf/event.h). */
const MAX_POINTS = 256;

const DIRECTIONS = {
  in: ["ingress"],
  out: ["egress"],
  inout: ["ingress", "egress"],
} as const;

/** What is to be attached. */
export interface AttachPoints {
  readonly points: AttachPoint[];
  /** Names of interfaces that {@linkcode ANY_INTERFACE} leaves out: their packets are not read. */
  readonly leftOut: string[];
  /** Name of the loopback interface, if only one direction of it is taken unasked. */
  readonly oneWay: string | null;
  /** Names that are waited for. */
  readonly awaited: string[];
}

/**
 * The attach points for interfaces as the user names them; for none, the interface of the default
 * route.
 *
 * @param direction null = both. Of loopback that is named only what comes in then: each of its packets
 * goes out and comes in again, and would be counted twice
 * @param waits whether interfaces that are named may be missing, or down
 * @throws {UsageError} if two names mean the same interface
 * @throws {RunError} if an interface is missing, down, or has packets that are not read
 */
export function attachPoints(
  names: readonly string[],
  direction: keyof typeof DIRECTIONS | null,
  waits = false,
): AttachPoints {
  const wanted = names.length > 0 ? names : [defaultRouteInterface()];
  const { links, leftOut } = chooseLinks(wanted, listLinks(), waits);
  const isUnasked = direction === null && !wanted.includes(ANY_INTERFACE);
  const loopback = links.find(({ type }) => isUnasked && type === ARPHRD_LOOPBACK);
  const points = pointsOf(links, direction ?? "inout").filter((point) =>
    point.ifindex !== loopback?.index || point.direction === "ingress"
  );
  const awaited = links.filter(({ index }) => index === ABSENT).map(({ name }) => name);
  return { points, leftOut, oneWay: loopback?.name ?? null, awaited };
}

/**
 * The attach points of `links`, those of one interface side by side.
 *
 * @throws {RunError} if they are more than a recording can tell apart
 */
export function pointsOf(
  links: readonly Pick<NetworkLink, "name" | "index" | "type">[],
  direction: keyof typeof DIRECTIONS,
): AttachPoint[] {
  const points = links.flatMap((link) =>
    DIRECTIONS[direction].map((direction) => ({
      interface: link.name,
      ifindex: link.index,
      direction,
      bare: linkHeader(link) === "none",
    }))
  );
  if (points.length > MAX_POINTS) {
    const oneWay = links.length <= MAX_POINTS ? ', or record one way, with "--direction in"' : "";
    throw new RunError(
      `Cannot record on ${links.length} interfaces in one recording: ` +
        `at most ${MAX_POINTS / 2} interfaces both ways, or ${MAX_POINTS} one way`,
      { hint: `Name fewer of them with -i${oneWay}` },
    );
  }
  return points;
}

/** The interfaces that `names` mean, in that order, and those that "any" leaves out. */
export function chooseLinks(
  names: readonly string[],
  links: readonly NetworkLink[],
  waits = false,
): { readonly links: ChosenLink[]; readonly leftOut: string[] } {
  if (!names.includes(ANY_INTERFACE)) {
    return {
      links: refuseRepeats(names.map((name) => [name, findLink(name, links, waits)])),
      leftOut: [],
    };
  }
  const other = names.find((name) => name !== ANY_INTERFACE);
  if (other !== undefined) {
    throw new UsageError(
      `Cannot record on "${ANY_INTERFACE}" and "${other}": the first includes it`,
      {
        hint: `Write "-i ${ANY_INTERFACE}" alone`,
      },
    );
  }
  const up = links.filter((link) => link.up);
  const chosen = up.filter((link) => linkHeader(link) !== null);
  if (chosen.length === 0) {
    throw new RunError(`Cannot record on "${ANY_INTERFACE}": no interface is up`, {
      hint: listHint(links),
    });
  }
  return {
    links: chosen,
    leftOut: up.filter((link) => linkHeader(link) === null).map(({ name }) => name),
  };
}

/** The interface that `name` means, whatever its state; undefined if there is none. */
export function linkCalled(name: string, links: readonly NetworkLink[]): NetworkLink | undefined {
  return links.find((link) => link.name === name) ??
    links.find((link) => link.alternativeNames.includes(name)) ??
    links.find((link) => String(link.index) === name);
}

function findLink(name: string, links: readonly NetworkLink[], waits: boolean): ChosenLink {
  const found = linkCalled(name, links);
  if (found === undefined && waits) {
    if (POSSIBLE_NAME.test(name)) return { name, index: ABSENT, type: ARPHRD_ETHER };
    throw new UsageError(`Cannot wait for "${name}": no interface can be called that`, {
      hint: "A name has at most 15 characters, without space, slash and colon",
    });
  }
  if (found === undefined) {
    const known = links.flatMap((link) => [link.name, ...link.alternativeNames]);
    throw new RunError(`Cannot record on "${name}": no such interface here`, {
      hint: suggestion(name, known) ?? listHint(links),
    });
  }
  if (!found.up && !waits) {
    throw new RunError(`Cannot record on "${name}": the interface is down`, {
      hint: `Set it up with "ip link set dev ${found.name} up"`,
    });
  }
  if (linkHeader(found) === null) {
    throw new RunError(
      `Cannot record on "${name}": its packets are neither Ethernet nor IP (link type ${found.type})`,
      { hint: "Record the interface that carries its packets" },
    );
  }
  return found;
}

function refuseRepeats(named: readonly (readonly [name: string, ChosenLink])[]): ChosenLink[] {
  const first = new Map<number, string>();
  for (const [name, { index }] of named) {
    if (index === ABSENT) continue;
    const before = first.get(index);
    if (before !== undefined) {
      throw new UsageError(
        `Cannot record on "${before}" and "${name}": they are the same interface`,
        { hint: "Name each interface once" },
      );
    }
    first.set(index, name);
  }
  return named.map(([, link]) => link);
}

function listHint(links: readonly NetworkLink[]): string {
  return interfacesHint(links.map(({ name }) => name));
}
