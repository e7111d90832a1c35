/**
 * What is said of attachments when recording begins.
 *
 * @module
 */
import type { ChosenAttachment, HookMode, PlacedAttachment } from "../contract/attachment.ts";

/** `eth0 ingress xdp/native`, for the line that says that recording has begun. */
export function describeAttachment(placed: PlacedAttachment): string {
  if (placed.hook === null) return `${placed.interface} ${placed.direction} (not there yet)`;
  const mode = placed.hook === "xdp" ? `xdp/${placed.mode}` : placed.hook;
  return `${placed.interface} ${placed.direction} ${mode}`;
}

const MODE_NAMES: Readonly<Record<HookMode, string>> = {
  native: "native XDP",
  generic: "generic XDP",
  tcx: "TCX",
  clsact: "a clsact filter",
};

/** More names than these do not fit a line. */
const MAX_NAMED = 4;

/**
 * What was chosen for which interfaces, and why or at what cost: one line for all of which the same
 * is to be said, none for those of which nothing is.
 */
export function describeChoices(attachments: readonly ChosenAttachment[]): string[] {
  const told = attachments.filter(({ reason }) => reason !== "");
  const alike = Map.groupBy(told, ({ direction, mode, reason }) => {
    return `${direction}: ${MODE_NAMES[mode!]} in use, ${reason}`;
  });
  return [...alike].map(([choice, same]) => {
    const names = same.slice(0, MAX_NAMED).map((one) => one.interface);
    const more = same.length > MAX_NAMED ? ` and ${same.length - MAX_NAMED} more` : "";
    return `${names.join(", ")}${more} ${choice}`;
  });
}
