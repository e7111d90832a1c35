/**
 * Where packets of a file were captured, as the file says: an interface, its link type, and the units of
 * its times. Each direction in which it has packets becomes an attachment.
 *
 * @module
 */
import {
  type Attachment,
  type Direction,
  MAX_INTERFACE_NAME_BYTES,
} from "../../contract/attachment.ts";
import { LINK, type Link } from "./link_types.ts";
import { originWord } from "./packet_parser.ts";

/** Directions as numbers, for arrays. */
export const WAY = { UNKNOWN: 0, INGRESS: 1, EGRESS: 2 } as const;

export type Way = (typeof WAY)[keyof typeof WAY];

const DIRECTIONS: readonly (Direction | null)[] = [null, "ingress", "egress"];

/** `sll_pkttype` of a packet that this host sends, PACKET_OUTGOING of linux/if_packet.h. */
const PACKET_OUTGOING = 4;

/** What a name of an interface cannot have in it: see `src/query/vocabulary.ts`. */
const BAD_LETTERS = /[/:\s\p{C}\p{Z}\p{M}\p{Script=Arabic}\p{Script=Hebrew}]/gu;
const BAD_FIRST_LETTER = /^[=+@-]/u;

/** Numbers of attachments are bytes. */
const MAX_ATTACHMENTS = 256;

/** The attachments of a file, by where its packets were seen. */
export class Attachments {
  /** By their numbers; grows. */
  readonly list: Attachment[] = [];
  /** Packets were seen at more places than there are numbers for: theirs was not kept. */
  isFull = false;
  readonly #numbers = new Map<string, number>();

  /** @param name of the interface; null if the file does not say */
  numberOf(name: string | null, way: Way): number {
    const key = `${way}${name === null ? "" : `:${name}`}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    // The last numbers are for packets of interfaces that get none of their own.
    if (name !== null && this.list.length >= MAX_ATTACHMENTS - DIRECTIONS.length) {
      this.isFull = true;
      return this.numberOf(null, way);
    }
    const attachment = this.list.length;
    this.list.push({ attachment, interface: name, direction: DIRECTIONS[way]! });
    this.#numbers.set(key, attachment);
    return attachment;
  }
}

export interface CapturePointFacts {
  /** As the file has it. */
  readonly name: string | null;
  readonly link: Link;
  readonly timeForm: number;
  readonly timeExponent: number;
}

/** One interface of a file. */
export class CapturePoint {
  readonly link: Link;
  readonly #facts: CapturePointFacts;
  readonly #attachments: Attachments;
  /** By way; -1 = not asked for. */
  readonly #origins = [-1, -1, -1];

  constructor(facts: CapturePointFacts, attachments: Attachments) {
    this.link = facts.link;
    this.#facts = facts;
    this.#attachments = attachments;
  }

  /** For packets that went this way, what the parser has to know. */
  origin(way: Way): number {
    const known = this.#origins[way]!;
    if (known !== -1) return known;
    const { name, ...facts } = this.#facts;
    const attachment = this.#attachments.numberOf(name === null ? null : printableName(name), way);
    return this.#origins[way] = originWord({ ...facts, attachment });
  }

  /**
   * Which way a packet went, as its link header says.
   *
   * @param at where its `captured` bytes begin
   */
  wayOf(bytes: Uint8Array, at: number, captured: number): Way {
    if (this.link === LINK.COOKED && captured >= 2) return wayOfType(bytes[at + 1]!);
    if (this.link === LINK.COOKED2 && captured >= 11) return wayOfType(bytes[at + 10]!);
    return WAY.UNKNOWN;
  }
}

/** By the packet type of a cooked header. */
export function wayOfType(packetType: number): Way {
  return packetType === PACKET_OUTGOING ? WAY.EGRESS : WAY.INGRESS;
}

/** A name as reports can show it; null when there is none. */
function printableName(name: string): string | null {
  const text = name.replace(BAD_LETTERS, "_").replace(BAD_FIRST_LETTER, "_");
  let bytes = 0;
  let kept = "";
  for (const letter of text) {
    bytes += new TextEncoder().encode(letter).length;
    if (bytes > MAX_INTERFACE_NAME_BYTES) break;
    kept += letter;
  }
  return kept === "" ? null : kept;
}
