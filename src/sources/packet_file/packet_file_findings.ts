/**
 * What is to be said of a packet file that was read.
 *
 * @module
 */
import { RunError } from "../../core/errors.ts";
import { formatAmount, formatCount } from "../../core/quantity.ts";
import type { ForeignFinding } from "../foreign_rows.ts";
import type { Attachments } from "./capture_point.ts";
import { type Damage, DAMAGED_HINT } from "./damage.ts";
import { linkTypeText } from "./link_types.ts";
import type { PacketFileEnd } from "./packet_reader.ts";

const LINKS_HINT = "Ethernet, Linux cooked, raw IP and BSD loopback are read";

/** What was met while a file was read. */
export interface ReadingFacts extends PacketFileEnd {
  /** The file in messages. */
  readonly label: string;
  readonly damage: Damage | null;
  /** Packets that are in the output. */
  readonly packets: number;
  /** Packets whose time no recording can hold. */
  readonly beyondTime: number;
  readonly attachments: Pick<Attachments, "isFull">;
}

/**
 * The findings, gravest first.
 *
 * @throws {RunError} nothing could be read, and why
 */
export function packetFileFindings(facts: ReadingFacts): ForeignFinding[] {
  const { label, damage, packets, leftOut, beyondTime, timeless, attachments } = facts;
  const findings: ForeignFinding[] = [];
  if (damage !== null) {
    const { message, offset } = damage;
    const place = `at byte ${formatCount(offset)}`;
    if (packets === 0) {
      throw new RunError(`Cannot read "${label}": ${message}, ${place}`, { hint: DAMAGED_HINT });
    }
    findings.push({
      isFault: true,
      text: `Cannot read "${label}" to its end: ${message}, ${place}`,
      hint: `The ${formatAmount(packets, "packet")} before ${
        packets === 1 ? "is" : "are"
      } in the answer`,
    });
  }
  for (const [number, count] of leftOut) {
    const type = linkTypeText(number);
    if (packets === 0) throw unsupportedLink(label, number);
    findings.push({
      isFault: true,
      text: `Cannot read ${formatAmount(count, "packet")} of "${label}": ` +
        `link type ${type} is not supported`,
      hint: LINKS_HINT,
    });
  }
  if (beyondTime > 0) {
    findings.push({
      isFault: true,
      text: `Cannot keep the time of ${formatAmount(beyondTime, "packet")} of "${label}": ` +
        "it is before the year 1678 or after 2261",
    });
  }
  if (timeless > 0) {
    findings.push({
      isFault: false,
      text: `"${label}" does not say when ${formatAmount(timeless, "packet")} of it came: ` +
        "in the answer that is 1970-01-01",
    });
  }
  if (attachments.isFull) {
    findings.push({
      isFault: false,
      text:
        `"${label}" has more interfaces than a recording can name: the names of some are left out`,
    });
  }
  return findings;
}

/** No packet can be read, because of what stands before their network layer. */
export function unsupportedLink(label: string, number: number): RunError {
  return new RunError(
    `Cannot read "${label}": link type ${linkTypeText(number)} is not supported`,
    { hint: LINKS_HINT },
  );
}
