/**
 * What a test that holds something against the clock must not hold against the program: the time in which
 * somebody waited for a CPU or a disk, because the machine had too much to do.
 *
 * @module
 */

/** One moment; {@linkcode MachinePressure.waitedMs} is the time since then. */
export class MachinePressure {
  readonly #start = totalMs();

  /** Milliseconds in which something on this machine waited; 0 where the kernel does not tell. */
  get waitedMs(): number {
    return totalMs() - this.#start;
  }
}

/** From /proc/pressure (Documentation/accounting/psi.rst): `some ... total=<microseconds>`. */
function totalMs(): number {
  return ["cpu", "io"].reduce((sum, name) => {
    try {
      const text = Deno.readTextFileSync(`/proc/pressure/${name}`);
      return sum + Number(/^some .*total=(\d+)$/m.exec(text)![1]) / 1000;
    } catch {
      return sum;
    }
  }, 0);
}
