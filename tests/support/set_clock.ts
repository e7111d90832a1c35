/**
 * The program on a machine whose clock the test sets, and that sleeps when the test says so: only for that
 * program, by what the C library tells it. Always from the sources: the product has no switch for this.
 *
 * @module
 */
import { join } from "node:path";
import { libc } from "../../ffi/linux/load_libc.ts";
import { denoRun, PROJECT } from "./inspector_cli.ts";
import { replaceNative } from "./native_stand_ins.ts";

/** Name in the environment of the path of the file that {@linkcode MachineClock} writes. */
const CLOCK_FILE = "TEST_CLOCK_FILE";

/** `include/uapi/linux/time.h`. */
const CLOCK_REALTIME = 0;
const CLOCK_BOOTTIME = 7;

/** The clock of one machine. */
export class MachineClock {
  readonly #path: string;
  #set = 0n;
  #slept = 0n;

  /** @param path of a file that may be made */
  constructor(path: string) {
    this.#path = path;
    this.#write();
  }

  /** The command line of the program there. */
  get program(): string[] {
    const [deno = "", run = "", ...rest] = denoRun(join(PROJECT, "src", "main.ts"));
    const preload = join(PROJECT, "tests", "support", "set_clock_preload.ts");
    return ["env", `${CLOCK_FILE}=${this.#path}`, deno, run, "--preload", preload, ...rest];
  }

  /** Sets the wall clock. */
  set(bySeconds: number): void {
    this.#set += BigInt(bySeconds) * 1_000_000_000n;
    this.#write();
  }

  /** Lets the machine sleep, and wake up at once. */
  sleep(seconds: number): void {
    this.#slept += BigInt(seconds) * 1_000_000_000n;
    this.#write();
  }

  #write(): void {
    // In place, and of one length: a reader sees all of the old or all of the new.
    const bytes = new Uint8Array(new BigInt64Array([this.#set, this.#slept]).buffer);
    using file = Deno.openSync(this.#path, { write: true, create: true });
    file.writeSync(bytes);
  }
}

/** Puts the clock into the place of the machine's own, in this thread, for good. */
export function useMachineClock(): void {
  const file = Deno.openSync(Deno.env.get(CLOCK_FILE)!, { read: true });
  const { clock_gettime: real } = libc();
  const added = new BigInt64Array(2);
  replaceNative(libc(), {
    clock_gettime: (clock: number, timespec: Uint8Array<ArrayBuffer>) => {
      const result = real(clock, timespec);
      file.seekSync(0, Deno.SeekMode.Start);
      file.readSync(new Uint8Array(added.buffer));
      const [set = 0n, slept = 0n] = added;
      const more = clock === CLOCK_REALTIME ? set + slept : clock === CLOCK_BOOTTIME ? slept : 0n;
      const view = new DataView(timespec.buffer, timespec.byteOffset);
      const ns = view.getBigInt64(0, true) * 1_000_000_000n + view.getBigInt64(8, true) + more;
      view.setBigInt64(0, ns / 1_000_000_000n, true);
      view.setBigInt64(8, ns % 1_000_000_000n, true);
      return result;
    },
  });
}
