/**
 * Names of network drivers: ethtool(8). Needs no privilege.
 *
 * @module
 */

import { SystemError } from "./errno.ts";
import { textFromCString } from "./cstring.ts";
import { askEthtool, fitsEthtool } from "./ethtool.ts";
import { allocate } from "./native_memory.ts";

/** `include/uapi/linux/ethtool.h`. */
const ETHTOOL_GDRVINFO = 3;
/** `struct ethtool_drvinfo`: `u32 cmd`, `char driver[32]`, ...; `include/uapi/linux/ethtool.h`. */
const DRIVER_INFO = { BYTES: 196, cmd: 0, driver: 4, DRIVER_BYTES: 32 } as const;

/** Name of the driver of the interface `name`; null if it has none or does not tell. */
export function driverName(name: string): string | null {
  if (!fitsEthtool(name)) return null;
  const info = allocate(DRIVER_INFO.BYTES);
  new DataView(info.buffer).setUint32(DRIVER_INFO.cmd, ETHTOOL_GDRVINFO, true);
  try {
    askEthtool(`ask for the driver of "${name}"`, name, info);
  } catch (error) {
    if (error instanceof SystemError) return null;
    throw error;
  }
  const start = DRIVER_INFO.driver;
  return textFromCString(info.subarray(start, start + DRIVER_INFO.DRIVER_BYTES)) || null;
}
