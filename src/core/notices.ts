/**
 * What is said on the way, without ever waiting for whoever should hear it: a terminal stopped by
 * Ctrl-S or a pipe that nobody empties holds up a `write(2)` for as long as it likes.
 *
 * @module
 */

/** Where notices go; the promise may stay pending for ever. */
export interface AsyncWriter {
  write(bytes: Uint8Array): Promise<number>;
}

/** Characters that wait at most. What comes above that is dropped. */
const MAX_WAITING = 65_536;

/** How long an end waits for a reader that does not read, in milliseconds. */
const LAST_WORDS_MS = 2000;

/** How long to wait before asking a full non-blocking pipe again, in milliseconds. */
const RETRY_MS = 10;

/** Writes one after the other in the background. */
export class Notices {
  readonly #writer: AsyncWriter;
  #waiting: string[] = [];
  #waitingLength = 0;
  /** Settles when nothing waits any more; undefined = nothing does. */
  #busy: Promise<void> | undefined;

  /** @param writer one that does not hold up this thread; nobody else writes there meanwhile */
  constructor(writer: AsyncWriter) {
    this.#writer = writer;
  }

  /** Says something that should be heard: it waits its turn, behind at most 64 KiB. */
  say(text: string): void {
    if (text === "" || this.#waitingLength + text.length > MAX_WAITING) return;
    this.#waiting.push(text);
    this.#waitingLength += text.length;
    this.#busy ??= this.#writeAll();
  }

  /** Shows something that is worth nothing later: dropped unless it can be written now. */
  show(text: string): void {
    if (this.#busy === undefined) this.say(text);
  }

  /** Waits until all is written, but no longer than `limitMs` milliseconds. */
  async flush(limitMs: number = LAST_WORDS_MS): Promise<void> {
    if (this.#busy === undefined) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const limit = new Promise<void>((resolve) => timer = setTimeout(resolve, limitMs));
    await Promise.race([this.#busy, limit]);
    clearTimeout(timer);
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const text = this.#waiting.splice(0).join("");
      try {
        await writeAllTo(this.#writer, new TextEncoder().encode(text));
      } catch {
        // There is nowhere to say so.
      }
      this.#waitingLength -= text.length;
    }
    // At once: what is said in a moment between would wait for ever.
    this.#busy = undefined;
  }
}

/** Writes all of `bytes`; pending as long as nobody takes them. Rejects as the writer does. */
export async function writeAllTo(writer: AsyncWriter, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    try {
      written += await writer.write(bytes.subarray(written));
    } catch (error) {
      // A parent process can leave the pipe non-blocking; then a full pipe is EAGAIN.
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      await new Promise((resume) => setTimeout(resume, RETRY_MS));
    }
  }
}

/** Standard error of this process. Deno writes it in another thread. */
export const notices: Notices = new Notices(Deno.stderr);
