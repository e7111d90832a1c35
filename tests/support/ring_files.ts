/**
 * The memory of rings in plain files, which can be mapped as the maps of the kernel are, without any
 * privilege.
 *
 * @module
 */
import { pageBytes, type RingMaps } from "../../ffi/bpf/ring_memory.ts";
import { SLOT_BYTES } from "../../src/contract/record_layout.ts";
import { openDescriptors } from "./open_descriptors.ts";

/** A plain file in the place of a map, which needs no privilege. */
export class MapFile implements Disposable {
  readonly path = Deno.makeTempFileSync({ prefix: "ring-" });
  readonly #file = Deno.openSync(this.path, { read: true, write: true });
  readonly fd: number;

  constructor(bytes: number) {
    this.#file.truncateSync(bytes);
    this.fd = fdOf(this.path);
  }

  write(offset: number, bytes: Uint8Array): void {
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    this.#file.writeSync(bytes);
  }

  read(offset: number, count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    this.#file.readSync(bytes);
    return bytes;
  }

  /** How often it is mapped into this process. */
  get mappings(): number {
    return Deno.readTextFileSync("/proc/self/maps").split("\n")
      .filter((line) => line.endsWith(this.path)).length;
  }

  [Symbol.dispose](): void {
    this.#file.close();
    Deno.removeSync(this.path);
  }
}

/** The three maps of rings: the slots, the positions, the doorbell. */
export class RingFiles implements Disposable {
  readonly slots: MapFile;
  readonly positions: MapFile;
  readonly doorbell: MapFile;
  readonly #shape: Pick<RingMaps, "rings" | "slots">;

  /**
   * @param rings number of rings
   * @param slots of each ring
   */
  constructor(rings: number, slots: number) {
    const page = pageBytes();
    this.#shape = { rings, slots };
    this.slots = new MapFile(Math.ceil(rings * slots * SLOT_BYTES / page) * page);
    this.positions = new MapFile(page);
    this.doorbell = new MapFile(3 * page);
  }

  get maps(): RingMaps {
    return {
      slotsFd: this.slots.fd,
      positionsFd: this.positions.fd,
      doorbellFd: this.doorbell.fd,
      ...this.#shape,
    };
  }

  /** How often each of them is mapped into this process. */
  get mappings(): number[] {
    return [this.slots, this.positions, this.doorbell].map(({ mappings }) => mappings);
  }

  [Symbol.dispose](): void {
    for (const file of [this.slots, this.positions, this.doorbell]) file[Symbol.dispose]();
  }
}

/** Deno does not tell the number that the kernel knows an open file by. */
function fdOf(path: string): number {
  const found = openDescriptors(/^\//).find(({ target }) => target === path);
  if (found === undefined) throw new Error(`Cannot find the fd of "${path}"`);
  return found.fd;
}
