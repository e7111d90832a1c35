/**
 * Stands for a service manager: a datagram socket that hears what services say (sd_notify(3)).
 *
 * @module
 */
import { cString } from "../../ffi/linux/cstring.ts";
import { checkLibc } from "../../ffi/linux/errno.ts";
import { libc } from "../../ffi/linux/load_libc.ts";
import { allocate } from "../../ffi/linux/native_memory.ts";

const AF_UNIX = 1;
/** SOCK_DGRAM, SOCK_NONBLOCK, SOCK_CLOEXEC. */
const SOCKET_TYPE = 2 | 0o4000 | 0o2000000;
const LONGEST = 256;

export class NotifyListener implements Disposable {
  readonly #fd: number;
  readonly #heard: string[] = [];

  /** @param address path, or a name behind `@` */
  constructor(address: string) {
    const path = cString(address);
    if (address.startsWith("@")) path[0] = 0;
    const length = 2 + path.length - 1;
    const name = allocate(length);
    new DataView(name.buffer).setUint16(0, AF_UNIX, true);
    name.set(path.subarray(0, path.length - 1), 2);
    this.#fd = checkLibc("make a socket", ({ socket }) => socket(AF_UNIX, SOCKET_TYPE, 0));
    checkLibc(`listen at "${address}"`, ({ bind }) => bind(this.#fd, name, length));
    if (address.startsWith("/")) Deno.chmodSync(address, 0o777);
  }

  /** All that was said so far. */
  heard(): readonly string[] {
    const buffer = allocate(LONGEST);
    for (;;) {
      const bytes = Number(libc().recv(this.#fd, buffer, BigInt(LONGEST), 0));
      if (bytes <= 0) return this.#heard;
      this.#heard.push(new TextDecoder().decode(buffer.slice(0, bytes)));
    }
  }

  [Symbol.dispose](): void {
    libc().close(this.#fd);
  }
}
