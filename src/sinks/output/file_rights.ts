/**
 * What the main thread of a recording may raise where the user that it has become cannot make its files.
 *
 * @module
 */
import {
  capabilityBits,
  type CapabilityName,
  forgetCapabilities,
  ownCapabilities,
  withCapabilities,
} from "../../../ffi/mod.ts";

/** To give a file away, to write in a directory, to replace a file in a sticky one. */
export const FILE_CAPABILITIES = [
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
] as const satisfies readonly CapabilityName[];

/** Runs `action`, which makes, moves or removes the files of a recording, with the right to do that. */
export function withFileRights<T>(action: () => T): T {
  return withCapabilities(FILE_CAPABILITIES, action);
}

/** Gives that right up. */
export function forgetFileRights(): void {
  forgetCapabilities(FILE_CAPABILITIES);
}

/** Gives up what is not in effect anyway: a root without another right to read has one of them for that. */
export function forgetRaisableFileRights(): void {
  const { effective } = ownCapabilities();
  forgetCapabilities(
    FILE_CAPABILITIES.filter((name) => (effective & capabilityBits([name])) === 0n),
  );
}
