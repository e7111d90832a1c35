/**
 * Questions to network drivers by the ethtool ioctl: ethtool(8). Needs no privilege.
 *
 * @module
 */

import { checkLibc } from "./errno.ts";
import { cString } from "./cstring.ts";
import { libc } from "./load_libc.ts";
import { addressOf, allocate, withPinned } from "./native_memory.ts";

/** `sys/socket.h`. */
const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;

/** `include/uapi/linux/sockios.h`. */
const SIOCETHTOOL = 0x8946n;

/** `struct ifreq`: a name of at most IF_NAMESIZE bytes, then a pointer; `net/if.h`. */
const REQUEST = { BYTES: 40, name: 0, data: 16, NAME_BYTES: 16 } as const;

/** Whether the kernel could have an interface called `name`: a longer name does not fit the question. */
export function fitsEthtool(name: string): boolean {
  return cString(name).length <= REQUEST.NAME_BYTES;
}

/**
 * Asks the driver of the interface `name`, which must fit ({@link fitsEthtool}).
 *
 * @param operation what is attempted, for errors: `Cannot <operation>`
 * @param data a structure from {@link allocate} that begins with the command; takes the answer
 * @throws {SystemError} `EOPNOTSUPP` if the driver does not answer, `ENODEV` if there is no such
 * interface
 */
export function askEthtool(operation: string, name: string, data: Uint8Array<ArrayBuffer>): void {
  const request = allocate(REQUEST.BYTES);
  request.set(cString(name), REQUEST.name);
  new DataView(request.buffer).setBigUint64(REQUEST.data, addressOf(data), true);
  const socket = checkLibc(
    "open a socket",
    (symbols) => symbols.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
  );
  try {
    withPinned(
      [data],
      () => checkLibc(operation, ({ ioctl }) => ioctl(socket, SIOCETHTOOL, request)),
    );
  } finally {
    libc().close(socket);
  }
}
