/**
 * What is said when recording begins.
 *
 * @module
 */
import type { AttachPoints } from "../../attach/attach_points.ts";
import type { RecordOptions } from "../../cli/record_options.ts";
import { notices } from "../../core/notices.ts";
import { printable } from "../../core/printable.ts";
import { formatAmount, formatBytes, formatDuration } from "../../core/quantity.ts";
import { describeAttachment, describeChoices } from "../../render/attachment_text.ts";
import type { LiveCapture } from "../../sources/live_capture.ts";

/** Says what is not recorded, or not yet. */
export function announceChoice(
  { leftOut, oneWay, awaited }: AttachPoints,
  verbosity: RecordOptions["verbosity"],
): void {
  for (const name of leftOut) {
    notices.say(`${printable(name)}: left out, its packets are neither Ethernet nor IP\n`);
  }
  if (oneWay !== null && verbosity !== "quiet") {
    notices.say(
      `${printable(oneWay)}: incoming only, each packet passes both ways ("-Q inout" for both)\n`,
    );
  }
  for (const name of awaited) {
    notices.say(`${printable(name)}: the interface is not there yet, waiting for it\n`);
  }
}

/** What is to end a recording: `for 30.0 s, Ctrl-C ends it earlier`. */
export function describeLength(
  { durationMs, count, program = null }:
    & Pick<RecordOptions, "durationMs" | "count">
    & Partial<Pick<RecordOptions, "program">>,
): string {
  const packets = count && formatAmount(count, "packet");
  const duration = durationMs > 0 && formatDuration(durationMs / 1000);
  if (program !== null) {
    const limits = [packets, duration].filter((limit) => limit).map((limit) =>
      `, at most ${limit}`
    );
    return `while "${printable(program[0]!)}" runs${limits.join("")}`;
  }
  if (packets) {
    const limits = duration ? `${packets}, at most ${duration}` : packets;
    return `until ${limits}, Ctrl-C ends it earlier`;
  }
  return duration ? `for ${duration}, Ctrl-C ends it earlier` : "until Ctrl-C";
}

/** Says that recording has begun. */
export function announce(capture: LiveCapture, options: RecordOptions, output: string): void {
  if (options.verbosity === "quiet") return;
  for (const choice of describeChoices(capture.attached)) notices.say(`${printable(choice)}\n`);
  const attached = capture.attached.map((one) => printable(describeAttachment(one))).join(", ");
  const filter = capture.filter === "" ? "" : `, filter "${printable(capture.filter)}"`;
  notices.say(
    `recording ${attached} to "${printable(output)}"${filter}, ring ${
      formatBytes(capture.ringBytes)
    }, ${describeLength(options)}\n`,
  );
}
