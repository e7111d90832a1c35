/**
 * What to say of a recording that saw no packet.
 *
 * @module
 */
import type { RecordingReport } from "../contract/recording_report.ts";
import { visibleText } from "./visible_text.ts";

/** What each direction alone leaves out. */
const LEFT_OUT = {
  ingress: "what goes out was not recorded",
  egress: "what comes in was not recorded",
} as const;

/** Lines that say so, and what to check; none if a packet was seen. */
export function renderNothingCame(report: RecordingReport): string[] {
  // Of an interface that never came is said that, and nothing is to be checked.
  const there = report.interfaces.filter(({ end_reason }) => end_reason !== "never_came");
  const isWaited = there.length === 0 && report.interfaces.length > 0;
  if (report.packets_seen > 0 || isWaited) return [];
  const names = [...new Set(there.map(({ name }) => visibleText(name)))];
  const directions = [...new Set(there.map(({ direction }) => direction))];
  const [first = ""] = names;
  const [only] = directions;
  const lines = [
    `no packet passed ${names.map((name) => `"${name}"`).join(", ")}; to check:`,
    `  whether the traffic takes another interface: "xdp-inspector record -D" lists all`,
    `  whether the interface itself counts packets: "ip -s link show dev ${first}"`,
  ];
  if (directions.length === 1 && only !== undefined) {
    lines.push(`  the other direction, with "--direction inout": ${LEFT_OUT[only]}`);
  }
  return lines;
}
