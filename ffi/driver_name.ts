/**
 * Names of network drivers: ethtool(8). Needs no privilege.
 *
 * @module
 */

import { checkLibc, SystemError } from "./errno.ts";
import { cString, textFromCString } from "./cstring.ts";
import { libc } from "./load_library.ts";
import { addressOf, allocate, withPinned } from "./native_memory.ts";

/** `sys/socket.h`. */
const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;

/** `include/uapi/linux/sockios.h`, `include/uapi/linux/ethtool.h`. */
const SIOCETHTOOL = 0x8946n;
const ETHTOOL_GDRVINFO = 3;

/** `struct ifreq`: a name of at most IF_NAMESIZE bytes, then a pointer; `net/if.h`. */
const REQUEST = { BYTES: 40, name: 0, data: 16, NAME_BYTES: 16 } as const;
/** `struct ethtool_drvinfo`: `u32 cmd`, `char driver[32]`, ...; `include/uapi/linux/ethtool.h`. */
const DRIVER_INFO = { BYTES: 196, cmd: 0, driver: 4, DRIVER_BYTES: 32 } as const;

/** Name of the driver of the interface `name`; null if it has none or does not tell. */
export function driverName(name: string): string | null {
  const terminated = cString(name);
  if (terminated.length > REQUEST.NAME_BYTES) return null;
  const info = allocate(DRIVER_INFO.BYTES);
  new DataView(info.buffer).setUint32(DRIVER_INFO.cmd, ETHTOOL_GDRVINFO, true);
  const request = allocate(REQUEST.BYTES);
  request.set(terminated, REQUEST.name);
  new DataView(request.buffer).setBigUint64(REQUEST.data, addressOf(info), true);
  const socket = checkLibc(
    "open a socket",
    (symbols) => symbols.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
  );
  try {
    withPinned([info], () =>
      checkLibc(
        `ask for the driver of "${name}"`,
        ({ ioctl }) => ioctl(socket, SIOCETHTOOL, request),
      ));
  } catch (error) {
    if (error instanceof SystemError) return null;
    throw error;
  } finally {
    libc().close(socket);
  }
  const start = DRIVER_INFO.driver;
  return textFromCString(info.subarray(start, start + DRIVER_INFO.DRIVER_BYTES)) || null;
}
